/* The correlation of edges. correlate.py is its twin and says what everything means; the two must agree to the number.
 *
 * What differs is the search: a row that tells a request id looks only at the runs that have it and at those of which
 * none is known yet. Nothing can fail within a row, and no Python object is touched: `reserve` makes the room before,
 * so that rows are fed while the GIL is released.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <structmember.h>

#define UNKNOWN_CODE (-1)
#define UNKNOWN_TIME INT64_MIN
#define MOST_REMEMBERED 4096

enum { SEQUENCE, MOVEMENT, BEAT, HANDLER, SPAN, KINDS };
enum { START = 1, NOTE, ENTER, SETTLE, END, FAIL, REQUEST, QUEUE, RESET };
enum { STATUS_OPEN, STATUS_OK, STATUS_ERROR, STATUS_INCOMPLETE };
enum {
    NO_RULE, LATEST_OPEN, OLDEST_OPEN, START_NOT_SEEN, IMPLIED_BY_CHILD, REQUESTED_BY_RUNNING_HANDLER,
    SAME_CORRELATION, AFTER_PREDECESSOR
};

/* ---- Numbers in, numbers out: fields in the order of EdgeRow, SpanRow, RUN_FIELDS and SPAN_FIELDS ---- */

typedef struct {
    int64_t line, last_line, edge, kind, time, request_id, sequence_id, sequence_name, movement, event_name, handler,
        plugin, title, parent_request_id, parent_handler, handler_sequence, correlation_id, status_message, beat,
        duration, clock;
} Row;

typedef struct Run Run;
typedef struct Span Span;
typedef struct { Span *first, *last; } List;

struct Run {
    int64_t ordinal, request_id, sequence_id, sequence_name, plugin, correlation_id, parent_request_id, parent_handler,
        cause, cause_rule;
    Run *before, *after; /* in the queue, or among those with open spans and the same request id */
    List open[KINDS];
    size_t open_count, span_count; /* the latter with those whose row is not yet handed out */
    uint64_t mark;
};
#define RUN_FIELDS (offsetof(Run, before) / sizeof(int64_t))

struct Span {
    int64_t kind, ordinal, first_line, last_line, start_time, start_clock, movement, beat, event_name, handler,
        handler_sequence, plugin, title, end_time, end_clock, settle_time, settle_clock, entered, reported, status,
        status_message, inferred_by, open_children;
    Run *run;
    Span *parent;
    Span *before[2], *after[2]; /* among all open spans of its kind, and among those of its run */
    uint64_t opened, mark;      /* how many were opened before */
};
#define SPAN_FIELDS (offsetof(Span, run) / sizeof(int64_t))
enum { OF_ALL, OF_RUN };

typedef struct {
    int64_t kind, ordinal, run, parent, inferred_by, status, first_line, last_line, start_time, end_time, duration,
        reported, request_id, sequence_id, sequence_name, movement, beat, event_name, title, handler, handler_sequence,
        plugin, status_message;
} SpanRow;
#define SPAN_COLUMNS (sizeof(SpanRow) / sizeof(int64_t))

typedef struct {
    int64_t *items;
    size_t count, room;
    int failed; /* for want of memory */
} Numbers;

static int make_room(Numbers *numbers, size_t count)
{
    if (count > numbers->room - numbers->count) {
        size_t room = 2 * numbers->room + count;
        int64_t *items = room > SIZE_MAX / sizeof *items ? NULL : realloc(numbers->items, room * sizeof *items);
        if (!items) return numbers->failed = 1, -1;
        numbers->items = items;
        numbers->room = room;
    }
    return 0;
}

static void add(Numbers *numbers, const void *items, size_t count)
{
    if (make_room(numbers, count) < 0) return;
    memcpy(numbers->items + numbers->count, items, count * sizeof(int64_t));
    numbers->count += count;
}

/* ---- Memories: what dict and OrderedDict are to the twin; entries keep the order in which they came ---- */

typedef struct { int64_t key[2], value, is_there; } Entry;

typedef struct {
    Entry *entries;
    uint32_t *slots; /* number of an entry + 1; 0 is a free slot */
    size_t first, used, count, room, slot_mask;
} Map;

static inline size_t slot_of(const Map *map, int64_t a, int64_t b)
{
    uint64_t hash = ((uint64_t)a * UINT64_C(0x9E3779B97F4A7C15)) ^ ((uint64_t)b * UINT64_C(0xC2B2AE3D27D4EB4F));
    return (size_t)(hash ^ hash >> 32) & map->slot_mask;
}

static Entry *find(const Map *map, int64_t a, int64_t b)
{
    if (!map->count) return NULL;
    for (size_t i = slot_of(map, a, b); map->slots[i]; i = (i + 1) & map->slot_mask) {
        Entry *entry = &map->entries[map->slots[i] - 1];
        if (entry->key[0] == a && entry->key[1] == b && entry->is_there) return entry;
    }
    return NULL;
}

/* A new entry has the value `otherwise`. There is room for it: see map_reserve. */
static Entry *find_or_add(Map *map, int64_t a, int64_t b, int64_t otherwise)
{
    Entry *entry = find(map, a, b);
    if (entry) return entry;
    size_t i = slot_of(map, a, b);
    while (map->slots[i]) i = (i + 1) & map->slot_mask;
    entry = &map->entries[map->used];
    *entry = (Entry){{a, b}, otherwise, 1};
    map->slots[i] = (uint32_t)++map->used;
    map->count++;
    return entry;
}

static void forget(Map *map, Entry *entry)
{
    entry->is_there = 0;
    map->count--;
}

static void forget_oldest(Map *map)
{
    if (map->count <= MOST_REMEMBERED) return;
    while (!map->entries[map->first].is_there) map->first++;
    forget(map, &map->entries[map->first]);
}

static int map_reserve(Map *map, size_t count)
{
    if (count <= map->room - map->used) return 0;
    size_t room = 64;
    while (room < 2 * (map->count + count)) room *= 2;
    Map grown = {.room = room, .slot_mask = 2 * room - 1};
    if (room <= UINT32_MAX / 2) {
        grown.entries = malloc(room * sizeof *grown.entries);
        grown.slots = calloc(2 * room, sizeof *grown.slots);
    }
    if (!grown.entries || !grown.slots) {
        free(grown.entries);
        free(grown.slots);
        return -1;
    }
    for (size_t i = map->first; i < map->used; i++) {
        const Entry *entry = &map->entries[i];
        if (entry->is_there) find_or_add(&grown, entry->key[0], entry->key[1], entry->value);
    }
    free(map->entries);
    free(map->slots);
    *map = grown;
    return 0;
}

/* ---- Runs and spans come from pools, so that room for them can be made before ---- */

typedef struct Vacant { struct Vacant *next; } Vacant;

typedef struct {
    Vacant *vacant, *blocks;
    size_t vacant_count;
} Pool;

static int pool_reserve(Pool *pool, size_t size, size_t count)
{
    if (pool->vacant_count >= count) return 0;
    Vacant *block = count > SIZE_MAX / size - 1 ? NULL : malloc((count + 1) * size);
    if (!block) return -1;
    block->next = pool->blocks;
    pool->blocks = block;
    for (size_t i = count; i; i--) { /* the first place links the blocks */
        Vacant *place = (Vacant *)((char *)block + i * size);
        place->next = pool->vacant;
        pool->vacant = place;
    }
    pool->vacant_count += count;
    return 0;
}

static void *take(Pool *pool)
{
    Vacant *place = pool->vacant;
    pool->vacant = place->next;
    pool->vacant_count--;
    return place;
}

static void give(Pool *pool, void *item)
{
    Vacant *place = item;
    place->next = pool->vacant;
    pool->vacant = place;
    pool->vacant_count++;
}

static void pool_clear(Pool *pool)
{
    while (pool->blocks) {
        Vacant *block = pool->blocks;
        pool->blocks = block->next;
        free(block);
    }
    *pool = (Pool){0};
}

/* ---- The correlation ---- */

enum { /* NAMED holds the first run of each request id; the others are the twin's, in the order of its state */
    NAMED, RUN_OF_CORRELATION, FINISHED_HANDLERS, ORPHANS, EVENT_OF_HANDLER, REQUESTS_INSIDE, REQUESTS_OUTSIDE, MAPS
};

typedef struct {
    int64_t serial_handlers, ambiguous, next_ordinal, has_begun;
    List open[KINDS];
    Run *requested, *first_queued, *last_queued, *unnamed; /* unnamed: the first whose request id is not known */
    Span *released;
    Map maps[MAPS];
    Pool runs, spans;
    Numbers finished;    /* rows, each to be completed with what is then known of its run */
    Run **finished_runs; /* the run of each */
    size_t finished_count, finished_room, unfinished_count;
    uint64_t opened, mark;
} Correlation;

#define BATCH 64         /* rows for which room is made at a time */
#define MOST_OPENED 5    /* spans by one row: one, and all around it */
#define MOST_KEYS 2      /* new in one map by one row: a run can be found, and then learn its request id */

static int reserve(Correlation *c)
{
    size_t most = c->finished_count + c->unfinished_count + BATCH * MOST_OPENED;
    for (int i = 0; i < MAPS; i++) {
        if (map_reserve(&c->maps[i], BATCH * MOST_KEYS) < 0) return -1;
    }
    if (most > c->finished_room) {
        Run **runs = realloc(c->finished_runs, 2 * most * sizeof *runs);
        if (!runs) return -1;
        c->finished_runs = runs;
        c->finished_room = 2 * most;
    }
    if (make_room(&c->finished, most * SPAN_COLUMNS - c->finished.count) < 0) return -1;
    if (pool_reserve(&c->runs, sizeof(Run), BATCH) < 0) return -1;
    return pool_reserve(&c->spans, sizeof(Span), BATCH * MOST_OPENED);
}

static void clear(Correlation *c)
{
    for (int i = 0; i < MAPS; i++) {
        free(c->maps[i].entries);
        free(c->maps[i].slots);
    }
    pool_clear(&c->runs);
    pool_clear(&c->spans);
    free(c->finished.items);
    free(c->finished_runs);
    *c = (Correlation){.serial_handlers = c->serial_handlers};
}

static inline int differ(int64_t told, int64_t known) { return told >= 0 && known >= 0 && told != known; }
static inline int is_unknown(int64_t time) { return time == UNKNOWN_TIME; }

static int64_t difference(int64_t end, int64_t start)
{
    if (is_unknown(end) || is_unknown(start)) return UNKNOWN_TIME;
    if (start < 0 ? end > INT64_MAX + start : end < -INT64_MAX + start) return UNKNOWN_TIME;
    return end - start;
}

/* ---- Runs, by request id and in the queue ---- */

static Run *first_with(const Correlation *c, int64_t request_id)
{
    if (request_id < 0) return c->unnamed;
    const Entry *entry = find(&c->maps[NAMED], request_id, 0);
    return entry ? (Run *)(intptr_t)entry->value : NULL;
}

static void set_first_with(Correlation *c, int64_t request_id, Run *run)
{
    if (request_id < 0) {
        c->unnamed = run;
        return;
    }
    Entry *entry = find_or_add(&c->maps[NAMED], request_id, 0, 0);
    entry->value = (intptr_t)run;
    if (!run) forget(&c->maps[NAMED], entry);
}

static void enlist(Correlation *c, Run *run)
{
    run->before = NULL;
    run->after = first_with(c, run->request_id);
    if (run->after) run->after->before = run;
    set_first_with(c, run->request_id, run);
}

static void delist(Correlation *c, Run *run)
{
    if (run->after) run->after->before = run->before;
    if (run->before) run->before->after = run->after;
    else set_first_with(c, run->request_id, run->after);
}

static Run *make_run(Correlation *c, int64_t ordinal)
{
    Run *run = take(&c->runs);
    *run = (Run){ordinal, UNKNOWN_CODE, UNKNOWN_CODE, UNKNOWN_CODE, UNKNOWN_CODE, UNKNOWN_CODE, UNKNOWN_CODE,
                 UNKNOWN_CODE, UNKNOWN_CODE, NO_RULE};
    return run;
}

static Run *new_run(Correlation *c) { return make_run(c, ++c->next_ordinal); }

#define LEARN(thing, field) do { if ((thing)->field < 0) (thing)->field = row->field; } while (0)

static void learn_of_run(Correlation *c, Run *run, const Row *row)
{
    if (run->request_id < 0 && row->request_id >= 0 && run->open_count) {
        delist(c, run);
        run->request_id = row->request_id;
        enlist(c, run);
    }
    LEARN(run, request_id);
    LEARN(run, sequence_id);
    LEARN(run, sequence_name);
    LEARN(run, correlation_id);
    if (run->parent_request_id < 0) {
        run->parent_request_id = row->parent_request_id;
        run->parent_handler = row->parent_handler;
    }
}

static void correlate(Correlation *c, Run *run)
{
    if (run->correlation_id < 0) return;
    int64_t first = find_or_add(&c->maps[RUN_OF_CORRELATION], run->correlation_id, 0, run->ordinal)->value;
    if (first != run->ordinal && run->cause < 0) {
        run->cause = first;
        run->cause_rule = SAME_CORRELATION;
    }
    forget_oldest(&c->maps[RUN_OF_CORRELATION]);
}

static void append_to_queue(Correlation *c, Run *run)
{
    run->before = c->last_queued;
    run->after = NULL;
    *(run->before ? &run->before->after : &c->first_queued) = run;
    c->last_queued = run;
}

static void take_from_queue(Correlation *c, Run *run)
{
    *(run->before ? &run->before->after : &c->first_queued) = run->after;
    *(run->after ? &run->after->before : &c->last_queued) = run->before;
}

static Run *queued_for(const Correlation *c, const Row *row)
{
    Run *run = c->first_queued;
    while (run && (differ(row->sequence_name, run->sequence_name) || differ(row->sequence_id, run->sequence_id)))
        run = run->after;
    return run;
}

/* ---- Open spans ---- */

static void append(List *list, int links, Span *span)
{
    span->before[links] = list->last;
    span->after[links] = NULL;
    *(list->last ? &list->last->after[links] : &list->first) = span;
    list->last = span;
}

static void take_out(List *list, int links, Span *span)
{
    Span *before = span->before[links], *after = span->after[links];
    *(before ? &before->after[links] : &list->first) = after;
    *(after ? &after->before[links] : &list->last) = before;
}

static void enter_open(Correlation *c, Span *span)
{
    Run *run = span->run;
    span->opened = ++c->opened;
    append(&c->open[span->kind], OF_ALL, span);
    append(&run->open[span->kind], OF_RUN, span);
    if (!run->open_count++) enlist(c, run);
}

static void leave_open(Correlation *c, Span *span)
{
    Run *run = span->run;
    take_out(&c->open[span->kind], OF_ALL, span);
    take_out(&run->open[span->kind], OF_RUN, span);
    if (!--run->open_count) delist(c, run);
}

/* A walk through the open spans of a kind, oldest or newest first: all where the row tells no request id, else run by
 * run those whose run has this id or none that is known. */
typedef struct {
    int64_t kind;
    int oldest_first, links;
    Run *run, *unnamed; /* to be walked through next */
} Walk;

static Span *next_run_of(Walk *walk)
{
    for (;;) {
        if (!walk->run) {
            walk->run = walk->unnamed;
            walk->unnamed = NULL;
            if (!walk->run) return NULL;
        }
        const List *list = &walk->run->open[walk->kind];
        walk->run = walk->run->after;
        if (list->first) return walk->oldest_first ? list->first : list->last;
    }
}

static Span *first_of(const Correlation *c, Walk *walk, int64_t request_id, int64_t kind, int oldest_first)
{
    *walk = (Walk){.kind = kind, .oldest_first = oldest_first};
    if (request_id < 0) return oldest_first ? c->open[kind].first : c->open[kind].last;
    walk->links = OF_RUN;
    walk->run = first_with(c, request_id);
    walk->unnamed = c->unnamed;
    return next_run_of(walk);
}

static inline Span *next_of(Walk *walk, const Span *span)
{
    Span *next = walk->oldest_first ? span->after[walk->links] : span->before[walk->links];
    return next || walk->links == OF_ALL ? next : next_run_of(walk);
}

static inline int is_running(const Span *span) { return span->entered && is_unknown(span->settle_time); }
static inline int is_first_handler(const Span *span) { return span == span->run->open[HANDLER].first; }

static inline int run_agrees(const Run *run, const Row *row)
{
    return !(differ(row->request_id, run->request_id) || differ(row->sequence_name, run->sequence_name) ||
             differ(row->sequence_id, run->sequence_id));
}

static int agrees(const Correlation *c, const Span *span, const Row *row)
{
    if (!run_agrees(span->run, row)) return 0;
    if (span->kind == HANDLER && row->handler >= 0) {
        int64_t event_name = row->event_name;
        if (span->handler >= 0) return row->handler == span->handler && !differ(event_name, span->event_name);
        if (event_name < 0) {
            const Entry *known = find(&c->maps[EVENT_OF_HANDLER], row->handler, 0);
            event_name = known ? known->value : UNKNOWN_CODE;
        }
        return !differ(event_name, span->event_name);
    }
    return !(differ(row->movement, span->movement) || differ(row->beat, span->beat) ||
             differ(row->event_name, span->event_name));
}

/* How much `span` is to be preferred among those that agree with `row`; -1 where it is out of the question. */
static int preference(const Correlation *c, const Span *span, const Row *row)
{
    int is_end = row->edge == END || row->edge == FAIL;
    if ((row->edge == ENTER && span->entered) || (row->edge == SETTLE && !is_unknown(span->settle_time))) return -1;
    if (!agrees(c, span, row)) return -1;
    if (span->kind != HANDLER || !is_end) return 0;
    return 2 * (c->serial_handlers && is_first_handler(span)) + (row->edge == FAIL && is_running(span));
}

static Span *match(Correlation *c, const Row *row)
{
    int is_handler = row->kind == HANDLER, is_end = row->edge == END || row->edge == FAIL;
    int most = is_handler && is_end ? 2 * (c->serial_handlers != 0) + (row->edge == FAIL) : 0;
    int best_preference = -1, is_alone = 1;
    Span *best = NULL;
    Walk walk;
    for (Span *span = first_of(c, &walk, row->request_id, row->kind, is_handler); span; span = next_of(&walk, span)) {
        int preferred = preference(c, span, row);
        if (preferred < 0 || preferred < best_preference) continue;
        is_alone = preferred > best_preference;
        if (is_alone || is_handler == (span->opened < best->opened)) best = span;
        best_preference = preferred;
        if (walk.links == OF_ALL && preferred == most && !(is_alone && is_end)) break; /* none can change the choice */
    }
    if (best && !is_alone && is_end && row->request_id < 0) {
        c->ambiguous++;
        if (!best->inferred_by) best->inferred_by = is_handler ? OLDEST_OPEN : LATEST_OPEN;
    }
    return best;
}

static int can_hold(const Span *span, const Row *row, int64_t kind)
{
    return run_agrees(span->run, row) && !(kind == HANDLER && differ(row->event_name, span->event_name)) &&
           !(span->kind >= MOVEMENT && differ(row->movement, span->movement)) &&
           !(span->kind >= BEAT && differ(row->beat, span->beat));
}

/* The newest open span in which one of `kind` that `row` speaks of can stand: of the next kind, else a sequence. */
static Span *parent_for(const Correlation *c, const Row *row, int64_t kind)
{
    for (int64_t outer = kind - 1; outer >= SEQUENCE; outer = outer > SEQUENCE ? SEQUENCE : -1) {
        Span *best = NULL;
        Walk walk;
        for (Span *span = first_of(c, &walk, row->request_id, outer, 0); span; span = next_of(&walk, span)) {
            if ((best && span->opened < best->opened) || !can_hold(span, row, kind)) continue;
            best = span;
            if (walk.links == OF_ALL) break;
        }
        if (best) return best;
    }
    return NULL;
}

static Span *running_handler(const Correlation *c)
{
    if (c->released) return c->released;
    Span *span = c->open[HANDLER].last;
    while (span && !(is_running(span) && is_first_handler(span))) span = span->before[OF_ALL];
    return span;
}

static int64_t told_cause(const Correlation *c, const Row *row)
{
    const Span *newest = NULL;
    for (const Run *run = first_with(c, row->parent_request_id); run; run = run->after) {
        const Span *span = run->open[HANDLER].last;
        while (span && differ(row->parent_handler, span->handler)) span = span->before[OF_RUN];
        if (span && (!newest || span->opened > newest->opened)) newest = span;
    }
    if (newest) return newest->ordinal;
    const Entry *entry = find(&c->maps[FINISHED_HANDLERS], row->parent_request_id, row->parent_handler);
    return entry ? entry->value : UNKNOWN_CODE;
}

/* ---- Making and ending spans ---- */

static void learn_of_span(Span *span, const Row *row)
{
    LEARN(span, movement);
    LEARN(span, beat);
    LEARN(span, event_name);
    if (span->handler < 0) {
        span->handler = row->handler;
        span->handler_sequence = row->handler_sequence;
    }
    LEARN(span, plugin);
    LEARN(span, title);
    if (is_unknown(span->reported)) span->reported = row->duration;
    LEARN(span, status_message);
    if (span->last_line < row->last_line) span->last_line = row->last_line;
}

static Span *open_span(Correlation *c, const Row *row, Run *run, Span *parent, int64_t kind)
{
    Span *span = take(&c->spans);
    *span = (Span){.kind = kind, .ordinal = kind == SEQUENCE ? run->ordinal : ++c->next_ordinal,
                   .first_line = row->line, .last_line = row->last_line, .start_time = row->time,
                   .start_clock = row->clock, .movement = UNKNOWN_CODE, .beat = UNKNOWN_CODE,
                   .event_name = UNKNOWN_CODE, .handler = UNKNOWN_CODE, .handler_sequence = UNKNOWN_CODE,
                   .plugin = UNKNOWN_CODE, .title = kind == row->kind ? row->title : UNKNOWN_CODE,
                   .end_time = UNKNOWN_TIME, .end_clock = UNKNOWN_TIME, .settle_time = UNKNOWN_TIME,
                   .settle_clock = UNKNOWN_TIME, .reported = UNKNOWN_TIME, .status_message = UNKNOWN_CODE,
                   .run = run, .parent = parent};
    if (parent) {
        parent->open_children++;
        span->movement = parent->movement;
        span->beat = parent->beat;
        if (kind == HANDLER) span->event_name = parent->event_name;
    }
    if (kind >= MOVEMENT) LEARN(span, movement);
    if (kind >= BEAT) LEARN(span, beat);
    if (kind >= BEAT) LEARN(span, event_name);
    if (kind == HANDLER) {
        span->handler = row->handler;
        span->plugin = row->plugin;
        span->entered = row->handler >= 0;
    }
    run->span_count++;
    c->unfinished_count++;
    enter_open(c, span);
    return span;
}

static Span *open_unseen(Correlation *c, const Row *row, Run *run, Span *parent, int64_t kind, int64_t rule)
{
    Span *span = open_span(c, row, run, parent, kind);
    span->start_time = span->start_clock = UNKNOWN_TIME;
    span->inferred_by = rule;
    return span;
}

static Span *imply(Correlation *c, const Row *row, int64_t kind)
{
    if (kind < SEQUENCE) return NULL;
    Span *parent = parent_for(c, row, kind);
    if (!parent) parent = imply(c, row, kind - 1);
    Run *run = parent ? parent->run : new_run(c);
    learn_of_run(c, run, row);
    return open_unseen(c, row, run, parent, kind, IMPLIED_BY_CHILD);
}

static Run *run_of(Correlation *c, const Row *row)
{
    if (row->request_id < 0) return new_run(c);
    const Entry *known = find(&c->maps[ORPHANS], row->request_id, 0);
    if (known) return make_run(c, known->value);
    find_or_add(&c->maps[ORPHANS], row->request_id, 0, ++c->next_ordinal);
    forget_oldest(&c->maps[ORPHANS]);
    return make_run(c, c->next_ordinal);
}

static Span *begin_unseen(Correlation *c, const Row *row)
{
    int is_handler = row->kind == HANDLER;
    Span *parent = is_handler ? NULL : parent_for(c, row, row->kind);
    if (!parent && SEQUENCE < row->kind && row->kind < HANDLER && !c->has_begun) parent = imply(c, row, row->kind - 1);
    Run *run = parent ? parent->run : is_handler ? run_of(c, row) : new_run(c);
    return open_unseen(c, row, run, parent, row->kind, START_NOT_SEEN);
}

static Run *dequeue(Correlation *c, const Row *row)
{
    Run *run = queued_for(c, row);
    if (run) take_from_queue(c, run);
    else run = new_run(c);
    learn_of_run(c, run, row);
    if (run->cause < 0 && row->parent_request_id >= 0) run->cause = told_cause(c, row);
    return run;
}

static SpanRow row_of(const Span *span)
{
    int64_t duration = span->reported;
    if (is_unknown(duration)) duration = difference(span->end_clock, span->start_clock);
    if (is_unknown(duration)) duration = difference(span->end_time, span->start_time);
    return (SpanRow){
        .kind = span->kind, .ordinal = span->ordinal, .run = span->run->ordinal,
        .parent = span->parent ? span->parent->ordinal : UNKNOWN_CODE, .inferred_by = span->inferred_by,
        .status = span->status == STATUS_OPEN ? STATUS_INCOMPLETE : span->status, .first_line = span->first_line,
        .last_line = span->last_line, .start_time = span->start_time, .end_time = span->end_time,
        .duration = duration, .reported = span->reported, .movement = span->movement, .beat = span->beat,
        .event_name = span->event_name, .title = span->title, .handler = span->handler,
        .handler_sequence = span->handler_sequence, .plugin = span->plugin, .status_message = span->status_message,
    };
}

static void complete(SpanRow *row, const Run *run)
{
    row->request_id = run->request_id;
    row->sequence_id = run->sequence_id;
    row->sequence_name = run->sequence_name;
    if (row->plugin < 0) row->plugin = run->plugin;
    if (row->kind != SEQUENCE) return;
    row->parent = run->cause;
    if (!row->inferred_by) row->inferred_by = run->cause_rule;
}

static void release(Correlation *c, Span *span)
{
    while (span && span->status != STATUS_OPEN && !span->open_children) {
        Span *parent = span->parent;
        SpanRow row = row_of(span);
        add(&c->finished, &row, SPAN_COLUMNS);
        c->finished_runs[c->finished_count++] = span->run;
        c->unfinished_count--;
        give(&c->spans, span);
        if (parent) parent->open_children--;
        span = parent;
    }
}

static void close_span(Correlation *c, Span *span, int64_t status)
{
    leave_open(c, span);
    if (span->kind < BEAT) {
        for (Span *next, *inner = span->run->open[span->kind + 1].first; inner; inner = next) {
            next = inner->after[OF_RUN];
            if (inner->parent == span) close_span(c, inner, STATUS_INCOMPLETE);
        }
    }
    span->status = status;
    release(c, span);
}

static void name_beat(const Span *span)
{
    Span *beat = span->parent;
    if (!beat || span->handler < 0) return;
    int is_own = !differ(span->handler_sequence, span->run->sequence_name);
    if (beat->handler < 0 || (is_own && beat->handler_sequence >= 0)) {
        beat->handler = span->handler;
        beat->handler_sequence = is_own ? UNKNOWN_CODE : span->handler_sequence;
    }
}

static void end_handler(Correlation *c, Span *span, const Row *row)
{
    const Span *parent = span->parent;
    Span *successor = is_first_handler(span) ? span->after[OF_RUN] : span->run->open[HANDLER].first;
    int waits = parent && is_unknown(parent->settle_time) && parent->status == STATUS_OPEN;
    int is_settled = !is_unknown(span->settle_time) && waits;
    if (row->handler >= 0 && span->event_name >= 0)
        find_or_add(&c->maps[EVENT_OF_HANDLER], row->handler, 0, 0)->value = span->event_name;
    span->end_time = is_settled ? span->settle_time : row->time;
    span->end_clock = is_settled ? span->settle_clock : row->clock;
    if (span->run->request_id >= 0 && span->handler >= 0) {
        find_or_add(&c->maps[FINISHED_HANDLERS], span->run->request_id, span->handler, 0)->value = span->ordinal;
        forget_oldest(&c->maps[FINISHED_HANDLERS]);
    }
    if (c->serial_handlers && successor && successor->entered) {
        c->released = successor;
        if (!is_unknown(span->end_time) && span->end_time > successor->start_time) {
            successor->start_time = span->end_time;
            successor->start_clock = span->end_clock;
            successor->inferred_by = AFTER_PREDECESSOR;
        }
    }
    name_beat(span);
}

/* ---- Edges: each writes where its row belongs ---- */

static void belongs(int64_t *place, const Span *span)
{
    place[0] = span->ordinal;
    place[1] = span->run->ordinal;
}

static void on_request(Correlation *c, const Row *row)
{
    if (row->kind < 0) {
        if (c->requested) {
            learn_of_run(c, c->requested, row);
            correlate(c, c->requested);
        }
        return;
    }
    Run *run = new_run(c);
    learn_of_run(c, run, row);
    run->plugin = row->plugin;
    const Span *handler = running_handler(c);
    const Entry *inside = find(&c->maps[REQUESTS_INSIDE], row->sequence_id, 0);
    const Entry *outside = find(&c->maps[REQUESTS_OUTSIDE], row->sequence_id, 0);
    if (handler && (inside ? inside->value : 0) >= (outside ? outside->value : 0)) {
        run->cause = handler->ordinal;
        run->cause_rule = REQUESTED_BY_RUNNING_HANDLER;
    }
    if (c->requested) give(&c->runs, c->requested);
    c->requested = run;
    find_or_add(&c->maps[handler ? REQUESTS_INSIDE : REQUESTS_OUTSIDE], row->sequence_id, 0, 0)->value++;
}

static void on_queue(Correlation *c, const Row *row)
{
    Run *run = c->requested ? c->requested : new_run(c);
    c->requested = NULL;
    learn_of_run(c, run, row);
    append_to_queue(c, run);
}

static void on_start(Correlation *c, const Row *row, int64_t *place)
{
    Span *parent = NULL;
    Run *run;
    if (row->kind == SEQUENCE) {
        c->has_begun = 1;
        run = dequeue(c, row);
    } else {
        parent = parent_for(c, row, row->kind);
        if (!parent && !(c->has_begun && row->kind == HANDLER)) parent = imply(c, row, row->kind - 1);
        run = parent ? parent->run : new_run(c);
        learn_of_run(c, run, row);
    }
    belongs(place, open_span(c, row, run, parent, row->kind));
}

static void on_note(Correlation *c, const Row *row, int64_t *place)
{
    Span *span = match(c, row);
    Run *run = span ? span->run : row->kind == SEQUENCE ? queued_for(c, row) : NULL;
    if (run) learn_of_run(c, run, row);
    if (!span) return;
    learn_of_span(span, row);
    belongs(place, span);
}

static void on_enter(Correlation *c, const Row *row, int64_t *place)
{
    Span *span = match(c, row);
    if (!span) return;
    span->entered = 1;
    span->start_time = row->time;
    span->start_clock = row->clock;
    learn_of_span(span, row);
    belongs(place, span);
}

static void on_settle(Correlation *c, const Row *row, int64_t *place)
{
    Span *span = match(c, row);
    if (!span) return;
    span->settle_time = row->time;
    span->settle_clock = row->clock;
    if (span->last_line < row->last_line) span->last_line = row->last_line;
    belongs(place, span);
}

static void on_end(Correlation *c, const Row *row, int64_t *place)
{
    Span *span = match(c, row);
    if (!span) span = begin_unseen(c, row);
    learn_of_span(span, row);
    learn_of_run(c, span->run, row);
    correlate(c, span->run);
    if (row->kind == HANDLER) {
        end_handler(c, span, row);
    } else {
        span->end_time = row->time;
        span->end_clock = row->clock;
    }
    if (is_unknown(span->start_time)) span->start_time = difference(span->end_time, span->reported);
    belongs(place, span);
    close_span(c, span, row->edge == FAIL ? STATUS_ERROR : STATUS_OK);
}

static void on_reset(Correlation *c)
{
    for (int kind = KINDS - 1; kind >= 0; kind--) {
        while (c->open[kind].first) close_span(c, c->open[kind].first, STATUS_INCOMPLETE);
    }
    while (c->first_queued) {
        Run *run = c->first_queued;
        take_from_queue(c, run);
        give(&c->runs, run);
    }
    if (c->requested) give(&c->runs, c->requested);
    c->requested = NULL;
    c->has_begun = 1;
}

static inline int is_edge(const Row *row)
{
    return row->edge >= START && row->edge <= RESET && (row->edge >= REQUEST || (row->kind >= 0 && row->kind < KINDS));
}

static void feed_row(Correlation *c, const Row *row, int64_t *place)
{
    if (row->edge != REQUEST && row->edge != QUEUE) c->released = NULL;
    switch (row->edge) {
    case START: on_start(c, row, place); break;
    case NOTE: on_note(c, row, place); break;
    case ENTER: on_enter(c, row, place); break;
    case SETTLE: on_settle(c, row, place); break;
    case REQUEST: on_request(c, row); break;
    case QUEUE: on_queue(c, row); break;
    case RESET: on_reset(c); break;
    default: on_end(c, row, place);
    }
}

/* ---- What comes out ---- */

/* As the twin: a run is told with what is known of it when all rows are read. */
static int feed_rows(Correlation *c, const char *rows, Py_ssize_t count, int64_t *places)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        Row row; /* a copy: others may write to the buffer */
        memcpy(&row, rows + i * (Py_ssize_t)sizeof row, sizeof row);
        if (i % BATCH == 0 && reserve(c) < 0) return -1;
        places[2 * i] = places[2 * i + 1] = UNKNOWN_CODE;
        if (is_edge(&row)) feed_row(c, &row, places + 2 * i);
    }
    for (size_t i = 0; i < c->finished_count; i++) {
        Run *run = c->finished_runs[i];
        complete((SpanRow *)c->finished.items + i, run);
        if (!--run->span_count) give(&c->runs, run);
    }
    return 0;
}

/* The open spans, kind by kind, each followed by those around it that were not met yet; NULL for want of memory. */
static Span **unfinished(Correlation *c, size_t *count)
{
    Span **found = malloc((c->unfinished_count + 1) * sizeof *found);
    *count = 0;
    c->mark++;
    for (int kind = 0; found && kind < KINDS; kind++) {
        for (Span *opened = c->open[kind].first; opened; opened = opened->after[OF_ALL]) {
            for (Span *span = opened; span && span->mark != c->mark; span = span->parent) {
                span->mark = c->mark;
                found[(*count)++] = span;
            }
        }
    }
    return found;
}

static int by_ordinal(const void *a, const void *b)
{
    int64_t left = (*(Span *const *)a)->ordinal, right = (*(Span *const *)b)->ordinal;
    return (left > right) - (left < right);
}

/* ---- State: the twin's, each part as rows of numbers ---- */

enum { SCALARS, RUNS, SPANS, OPENED, QUEUED, FIRST_MAP, PARTS = FIRST_MAP + MAPS - 1 };
#define SCALAR_COUNT 6
#define MAP_COLUMNS 3
static const size_t columns[PARTS] = {SCALAR_COUNT, RUN_FIELDS,  2 + SPAN_FIELDS, 2, 1, MAP_COLUMNS, MAP_COLUMNS,
                                      MAP_COLUMNS,  MAP_COLUMNS, MAP_COLUMNS,     MAP_COLUMNS};

static void save_run(Correlation *c, Run *run, Numbers *parts)
{
    if (!run || run->mark == c->mark) return;
    run->mark = c->mark;
    add(&parts[RUNS], run, RUN_FIELDS);
}

static void save(Correlation *c, Numbers *parts)
{
    size_t count;
    Span **spans = unfinished(c, &count);
    if (!spans) {
        parts->failed = 1;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t links[] = {spans[i]->run->ordinal, spans[i]->parent ? spans[i]->parent->ordinal : -1};
        save_run(c, spans[i]->run, parts);
        add(&parts[SPANS], links, 2);
        add(&parts[SPANS], spans[i], SPAN_FIELDS);
    }
    free(spans);
    for (int64_t kind = 0; kind < KINDS; kind++) {
        for (const Span *span = c->open[kind].first; span; span = span->after[OF_ALL])
            add(&parts[OPENED], (int64_t[]){kind, span->ordinal}, 2);
    }
    for (Run *run = c->first_queued; run; run = run->after) {
        save_run(c, run, parts);
        add(&parts[QUEUED], &run->ordinal, 1);
    }
    save_run(c, c->requested, parts);
    int64_t scalars[SCALAR_COUNT] = {c->serial_handlers, c->ambiguous, c->next_ordinal, c->has_begun,
                                     c->requested ? c->requested->ordinal : -1, c->released ? c->released->ordinal : -1};
    add(&parts[SCALARS], scalars, SCALAR_COUNT);
    for (int i = 1; i < MAPS; i++) {
        const Map *map = &c->maps[i];
        for (size_t j = map->first; j < map->used; j++) {
            if (map->entries[j].is_there) add(&parts[FIRST_MAP + i - 1], &map->entries[j], MAP_COLUMNS);
        }
    }
}

static const char NO_MEMORY[] = "no memory";

static void *known(const Map *map, int64_t ordinal)
{
    const Entry *entry = find(map, ordinal, 0);
    return entry ? (void *)(intptr_t)entry->value : NULL;
}

static int is_new(Map *map, int64_t ordinal, void *item)
{
    return find_or_add(map, ordinal, 0, (intptr_t)item)->value == (intptr_t)item;
}

static const char *load_runs(Correlation *c, const Numbers *part, Map *runs)
{
    for (size_t i = 0; i < part->count; i += RUN_FIELDS) {
        Run *run = make_run(c, 0);
        memcpy(run, part->items + i, RUN_FIELDS * sizeof(int64_t));
        if (!is_new(runs, run->ordinal, run)) return "two runs have one ordinal";
    }
    return NULL;
}

static const char *load_spans(Correlation *c, const Numbers *part, const Map *runs, Map *spans)
{
    for (size_t i = 0; i < part->count; i += 2 + SPAN_FIELDS) {
        Span *span = take(&c->spans);
        *span = (Span){.run = known(runs, part->items[i])};
        memcpy(span, part->items + i + 2, SPAN_FIELDS * sizeof(int64_t));
        span->open_children = 0;
        if (!span->run) return "a span has no run";
        if (span->kind < 0 || span->kind >= KINDS) return "a span has no kind";
        if (!is_new(spans, span->ordinal, span)) return "two spans have one ordinal";
        span->run->span_count++;
        c->unfinished_count++;
    }
    for (size_t i = 0; i < part->count; i += 2 + SPAN_FIELDS) {
        Span *span = known(spans, part->items[i + 2 + offsetof(Span, ordinal) / sizeof(int64_t)]);
        span->parent = known(spans, part->items[i + 1]);
        if (!span->parent) continue;
        if (span->parent->kind >= span->kind) return "a span stands in one that it cannot stand in";
        span->parent->open_children++;
    }
    return NULL;
}

static const char *load_open(Correlation *c, const Numbers *part, const Map *spans)
{
    for (size_t i = 0; i < part->count; i += 2) {
        Span *span = known(spans, part->items[i + 1]);
        if (!span || span->kind != part->items[i] || span->opened || span->status != STATUS_OPEN)
            return "what is open is no open span";
        enter_open(c, span);
    }
    return NULL;
}

static const char *load_waiting(Correlation *c, const Numbers *parts, const Map *runs, const Map *spans)
{
    const int64_t *scalars = parts[SCALARS].items;
    c->requested = known(runs, scalars[4]);
    c->released = known(spans, scalars[5]);
    c->mark++;
    if (c->requested) c->requested->mark = c->mark;
    int is_good = !c->requested || !c->requested->span_count;
    for (size_t i = 0; is_good && i < parts[QUEUED].count; i++) {
        Run *run = known(runs, parts[QUEUED].items[i]);
        is_good = run && run->mark != c->mark && !run->span_count;
        if (!is_good) break;
        run->mark = c->mark;
        append_to_queue(c, run);
    }
    return is_good ? NULL : "what waits is no waiting run";
}

static const char *load(Correlation *c, const Numbers *parts, Map *runs, Map *spans)
{
    size_t run_count = parts[RUNS].count / RUN_FIELDS, span_count = parts[SPANS].count / (2 + SPAN_FIELDS);
    const int64_t *scalars = parts[SCALARS].items;
    if (parts[SCALARS].count != SCALAR_COUNT) return "there is one row of scalars";
    c->serial_handlers = scalars[0] != 0;
    c->ambiguous = scalars[1];
    c->next_ordinal = scalars[2];
    c->has_begun = scalars[3] != 0;
    if (map_reserve(runs, run_count) < 0 || map_reserve(spans, span_count) < 0) return NO_MEMORY;
    if (map_reserve(&c->maps[NAMED], run_count) < 0) return NO_MEMORY;
    if (pool_reserve(&c->runs, sizeof(Run), run_count) < 0) return NO_MEMORY;
    if (pool_reserve(&c->spans, sizeof(Span), span_count) < 0) return NO_MEMORY;
    for (int i = 1; i < MAPS; i++) {
        const Numbers *part = &parts[FIRST_MAP + i - 1];
        if (map_reserve(&c->maps[i], part->count / MAP_COLUMNS) < 0) return NO_MEMORY;
        for (size_t j = 0; j < part->count; j += MAP_COLUMNS)
            find_or_add(&c->maps[i], part->items[j], part->items[j + 1], 0)->value = part->items[j + 2];
    }
    const char *problem = load_runs(c, &parts[RUNS], runs);
    if (!problem) problem = load_spans(c, &parts[SPANS], runs, spans);
    if (!problem) problem = load_open(c, &parts[OPENED], spans);
    return problem ? problem : load_waiting(c, parts, runs, spans);
}

/* ---- Python ---- */

typedef struct {
    PyObject_HEAD
    Correlation correlation;
    int busy;
} Object;

static Correlation *idle(PyObject *self)
{
    Object *object = (Object *)self;
    if (!object->busy) return &object->correlation;
    PyErr_SetString(PyExc_ValueError, "the correlation is in use by another thread");
    return NULL;
}

static PyObject *object_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"serial_handlers", NULL};
    int serial_handlers = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|p:Correlation", names, &serial_handlers)) return NULL;
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Object *object = (Object *)alloc(type, 0);
    if (object) object->correlation.serial_handlers = serial_handlers;
    return (PyObject *)object;
}

static void object_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    clear(&((Object *)self)->correlation);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyObject *bytearray_of(const Numbers *numbers)
{
    if (numbers->failed) return PyErr_NoMemory();
    return PyByteArray_FromStringAndSize((const char *)numbers->items, (Py_ssize_t)(numbers->count * sizeof(int64_t)));
}

/* 0, or -1 with an exception set. */
static int acquire(PyObject *object, Py_buffer *view, const char *name, int flags)
{
    if (PyObject_GetBuffer(object, view, flags | PyBUF_ND | PyBUF_FORMAT) < 0) return -1;
    const char *format = view->format ? view->format : "B";
    if (view->itemsize == 8 && (*format == 'l' || *format == 'q') && !format[1] && (uintptr_t)view->buf % 8 == 0)
        return 0;
    PyErr_Format(PyExc_ValueError, "%s has items of another type", name);
    PyBuffer_Release(view);
    return -1;
}

static const char *complaint(const Py_buffer *rows, const Py_buffer *places)
{
    const char *at = rows->buf;
    if (rows->len % (Py_ssize_t)sizeof(Row)) return "rows lack a column";
    if (places->len != rows->len / (Py_ssize_t)sizeof(Row) * 2 * 8) return "rows and places differ in length";
    for (Py_ssize_t i = 0; i < rows->len; i += (Py_ssize_t)sizeof(Row)) {
        if (!is_edge((const Row *)(at + i))) return "a row has no edge, or no kind";
    }
    return NULL;
}

static PyObject *feed(PyObject *self, PyObject *args)
{
    PyObject *row_object, *place_object, *result = NULL;
    Py_buffer rows, places;
    if (!PyArg_ParseTuple(args, "OO:feed", &row_object, &place_object)) return NULL;
    if (acquire(row_object, &rows, "rows", 0) < 0) return NULL;
    if (acquire(place_object, &places, "places", PyBUF_WRITABLE) == 0) {
        const char *problem = complaint(&rows, &places);
        Correlation *c = idle(self);
        if (c && problem) PyErr_SetString(PyExc_ValueError, problem);
        if (c && !problem) {
            int failed;
            ((Object *)self)->busy = 1;
            Py_BEGIN_ALLOW_THREADS
            failed = feed_rows(c, rows.buf, rows.len / (Py_ssize_t)sizeof(Row), places.buf);
            Py_END_ALLOW_THREADS
            ((Object *)self)->busy = 0;
            result = failed ? PyErr_NoMemory() : bytearray_of(&c->finished);
            if (!failed) c->finished.count = c->finished_count = 0;
        }
        PyBuffer_Release(&places);
    }
    PyBuffer_Release(&rows);
    return result;
}

static PyObject *unfinished_rows(PyObject *self, PyObject *unused)
{
    Correlation *c = idle(self);
    if (!c) return NULL;
    size_t count;
    Span **spans = unfinished(c, &count);
    if (!spans) return PyErr_NoMemory();
    Numbers rows = {0};
    qsort(spans, count, sizeof *spans, by_ordinal);
    for (size_t i = 0; i < count; i++) {
        SpanRow row = row_of(spans[i]);
        complete(&row, spans[i]->run);
        add(&rows, &row, SPAN_COLUMNS);
    }
    free(spans);
    PyObject *result = bytearray_of(&rows);
    free(rows.items);
    return result;
}

static PyObject *state(PyObject *self, PyObject *unused)
{
    Correlation *c = idle(self);
    PyObject *result = c ? PyTuple_New(PARTS) : NULL;
    if (!result) return NULL;
    Numbers parts[PARTS] = {{0}};
    save(c, parts);
    for (int i = 0; i < PARTS; i++) {
        PyObject *part = bytearray_of(&parts[i]);
        if (part) PyTuple_SetItem(result, i, part);
        free(parts[i].items);
    }
    if (!PyErr_Occurred()) return result;
    Py_DECREF(result);
    return NULL;
}

/* Of bytes whose address may not fit numbers. */
static const char *copy_part(PyObject *bytes, Numbers *part, size_t width)
{
    char *start;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &start, &size) < 0) return "";
    if ((size_t)size % (8 * width)) return "a part lacks a column";
    add(part, start, (size_t)size / 8);
    return part->failed ? NO_MEMORY : NULL;
}

static PyObject *restore(PyObject *self, PyObject *args)
{
    Correlation *c = idle(self);
    const char *problem = NULL;
    Numbers parts[PARTS] = {{0}};
    Map runs = {0}, spans = {0};
    if (!c) return NULL;
    if (PyTuple_Size(args) != PARTS) return PyErr_Format(PyExc_TypeError, "restore takes %d parts", PARTS);
    clear(c);
    for (int i = 0; i < PARTS && !problem; i++) problem = copy_part(PyTuple_GetItem(args, i), &parts[i], columns[i]);
    if (!problem) problem = load(c, parts, &runs, &spans);
    for (int i = 0; i < PARTS; i++) free(parts[i].items);
    free(runs.entries);
    free(runs.slots);
    free(spans.entries);
    free(spans.slots);
    if (!problem) Py_RETURN_NONE;
    clear(c);
    if (problem == NO_MEMORY) return PyErr_NoMemory();
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, problem);
    return NULL;
}

#define SEE "; see telemap.executions.correlate."

static PyMethodDef object_methods[] = {
    {"feed", feed, METH_VARARGS, "feed($self, rows, places, /)\n--\n\nRows of the spans that end; fills places" SEE},
    {"unfinished", unfinished_rows, METH_NOARGS, "unfinished($self, /)\n--\n\nRows of the spans that do not end" SEE},
    {"state", state, METH_NOARGS, "state($self, /)\n--\n\nThe parts of the state, each as rows of numbers" SEE},
    {"restore", restore, METH_VARARGS, "restore($self, /, *parts)\n--\n\nBe as when the state was taken" SEE},
    {NULL, NULL, 0, NULL},
};
static PyMemberDef object_members[] = {
    {"serial_handlers", T_LONGLONG, offsetof(Object, correlation.serial_handlers), READONLY, NULL},
    {"ambiguous", T_LONGLONG, offsetof(Object, correlation.ambiguous), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyType_Slot object_slots[] = {
    {Py_tp_doc, "Correlation(serial_handlers=False)\n--\n\nThe open spans of one source" SEE},
    {Py_tp_new, object_new},
    {Py_tp_dealloc, object_dealloc},
    {Py_tp_methods, object_methods},
    {Py_tp_members, object_members},
    {0, NULL},
};
static PyType_Spec object_spec = {"telemap.executions._correlate.Correlation", sizeof(Object), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, object_slots};

static int module_exec(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &object_spec, NULL);
    int result = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    return result;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};
static struct PyModuleDef module_def = {PyModuleDef_HEAD_INIT, "_correlate", "The correlation of edges" SEE, 0, NULL,
                                        module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__correlate(void) { return PyModuleDef_Init(&module_def); }
