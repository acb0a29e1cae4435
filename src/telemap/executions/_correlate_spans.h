/* Runs and spans, and the search for those that a row can mean. */
#include "_correlate_memory.h"

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
    Run *earlier, *later; /* among those with held spans */
    List open[KINDS], held;
    size_t open_count, span_count; /* the latter with the held ones */
    uint64_t mark;
};
#define RUN_FIELDS (offsetof(Run, before) / sizeof(int64_t))

struct Span {
    int64_t kind, ordinal, first_line, last_line, start_time, start_clock, movement, beat, event_name, handler,
        handler_sequence, plugin, title, end_time, end_clock, settle_time, settle_clock, entered, reported, status,
        status_message, inferred_by, open_children;
    Run *run;
    Span *parent;
    Span *before[2], *after[2]; /* among all open spans of its kind, and among those (or the held ones) of its run */
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

/* ---- The correlation ---- */

enum { /* NAMED holds the first run of each request id; the others are the twin's, in the order of its state */
    NAMED, RUN_OF_CORRELATION, FINISHED_HANDLERS, ORPHANS, EVENT_OF_HANDLER, REQUESTS_INSIDE, REQUESTS_OUTSIDE, MAPS
};

typedef struct {
    int64_t serial_handlers, ambiguous, next_ordinal, has_begun, most_kept;
    List open[KINDS];
    Run *requested, *first_queued, *last_queued, *unnamed; /* unnamed: the first whose request id is not known */
    Run *first_holding, *last_holding;
    Span *released;
    Map maps[MAPS];
    Pool runs, spans;
    Numbers finished; /* rows */
    int64_t open_counts[KINDS], queue_count, held_count;
    size_t unfinished_count; /* of all spans, with the held ones */
    uint64_t opened, mark;
} Correlation;

#define BATCH 64         /* rows for which room is made at a time */
#define MOST_OPENED 5    /* spans by one row: one, and all around it */
#define MOST_KEYS 2      /* new in one map by one row: a run can be found, and then learn its request id */

static int reserve(Correlation *c)
{
    size_t most = c->unfinished_count + BATCH * MOST_OPENED;
    for (int i = 0; i < MAPS; i++) {
        if (map_reserve(&c->maps[i], BATCH * MOST_KEYS) < 0) return -1;
    }
    if (make_room(&c->finished, most * SPAN_COLUMNS) < 0) return -1;
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
    *c = (Correlation){.serial_handlers = c->serial_handlers, .most_kept = c->most_kept};
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

static inline int is_told(const Run *run)
{
    return run->request_id >= 0 && run->sequence_id >= 0 && run->sequence_name >= 0;
}

static void correlate(Correlation *c, Run *run)
{
    if (run->correlation_id < 0) return;
    int64_t first = find_or_add(&c->maps[RUN_OF_CORRELATION], run->correlation_id, 0, run->ordinal)->value;
    if (first != run->ordinal && run->cause < 0) {
        run->cause = first;
        run->cause_rule = SAME_CORRELATION;
    }
    forget_oldest_above(&c->maps[RUN_OF_CORRELATION], MOST_REMEMBERED);
}

static void append_to_queue(Correlation *c, Run *run)
{
    run->before = c->last_queued;
    run->after = NULL;
    *(run->before ? &run->before->after : &c->first_queued) = run;
    c->last_queued = run;
    c->queue_count++;
}

static void take_from_queue(Correlation *c, Run *run)
{
    *(run->before ? &run->before->after : &c->first_queued) = run->after;
    *(run->after ? &run->after->before : &c->last_queued) = run->before;
    c->queue_count--;
}

static void drop_first_queued(Correlation *c)
{
    Run *run = c->first_queued;
    take_from_queue(c, run);
    give(&c->runs, run);
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
    c->open_counts[span->kind]++;
    if (!run->open_count++) enlist(c, run);
}

static void leave_open(Correlation *c, Span *span)
{
    Run *run = span->run;
    take_out(&c->open[span->kind], OF_ALL, span);
    take_out(&run->open[span->kind], OF_RUN, span);
    c->open_counts[span->kind]--;
    if (!--run->open_count) delist(c, run);
}

static void hold(Correlation *c, Span *span)
{
    Run *run = span->run;
    if (!run->held.first) {
        run->earlier = c->last_holding;
        run->later = NULL;
        *(run->earlier ? &run->earlier->later : &c->first_holding) = run;
        c->last_holding = run;
    }
    append(&run->held, OF_RUN, span);
    c->held_count++;
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
