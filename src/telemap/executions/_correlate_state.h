/* The spans that are open or held, and the whole correlation as numbers and back. */
#include "_correlate_edges.h"

/* The open spans, kind by kind, each followed by those around it that were not met yet, and the held ones, run by run;
 * NULL for want of memory. */
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
    for (Run *run = c->first_holding; found && run; run = run->later) {
        for (Span *span = run->held.first; span; span = span->after[OF_RUN]) found[(*count)++] = span;
    }
    return found;
}

static int by_ordinal(const void *a, const void *b)
{
    int64_t left = (*(Span *const *)a)->ordinal, right = (*(Span *const *)b)->ordinal;
    return (left > right) - (left < right);
}

/* ---- State: the twin's, each part as rows of numbers ---- */

enum { SCALARS, RUNS, SPANS, OPENED, QUEUED, HELD, FIRST_MAP, PARTS = FIRST_MAP + MAPS - 1 };
#define SCALAR_COUNT 7
#define MAP_COLUMNS 3
static const size_t columns[FIRST_MAP] = {SCALAR_COUNT, RUN_FIELDS, 2 + SPAN_FIELDS, 2, 1, 1};

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
    for (const Run *run = c->first_holding; run; run = run->later) {
        for (const Span *span = run->held.first; span; span = span->after[OF_RUN]) add(&parts[HELD], &span->ordinal, 1);
    }
    int64_t scalars[SCALAR_COUNT] = {c->serial_handlers, c->ambiguous, c->next_ordinal, c->has_begun,
                                     c->requested ? c->requested->ordinal : -1, c->released ? c->released->ordinal : -1,
                                     c->most_kept};
    add(&parts[SCALARS], scalars, SCALAR_COUNT);
    for (int i = 1; i < MAPS; i++) {
        const Map *map = &c->maps[i];
        for (size_t j = map->first; j < map->used; j++) {
            if (map->entries[j].is_there) add(&parts[FIRST_MAP + i - 1], &map->entries[j], MAP_COLUMNS);
        }
    }
}

static const char NO_MEMORY[] = "no memory", TOO_FEW[] = "at least one must be kept";

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
        if (span->parent->kind >= span->kind || span->parent->run != span->run)
            return "a span stands in one that it cannot stand in";
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

static const char *load_held(Correlation *c, const Numbers *part, const Map *spans)
{
    c->mark++;
    for (size_t i = 0; i < part->count; i++) {
        Span *span = known(spans, part->items[i]);
        if (!span || span->status == STATUS_OPEN || span->opened || !span->parent || span->open_children ||
            span->mark == c->mark)
            return "what is held is no span that is over in a run that is not";
        span->mark = c->mark;
        span->parent->open_children--;
        hold(c, span);
    }
    return NULL;
}

static const char *load_waiting(Correlation *c, const Numbers *parts, const Map *runs, const Map *spans)
{
    const int64_t *scalars = parts[SCALARS].items;
    c->requested = known(runs, scalars[4]);
    c->released = known(spans, scalars[5]);
    c->mark++;
    if (c->requested) {
        if (c->requested->span_count) return "the run that is asked for has begun";
        c->requested->mark = c->mark;
    }
    for (size_t i = 0; i < parts[QUEUED].count; i++) {
        Run *run = known(runs, parts[QUEUED].items[i]);
        if (!run || run->mark == c->mark || run->span_count) return "what is queued is no waiting run";
        run->mark = c->mark;
        append_to_queue(c, run);
    }
    return NULL;
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
    c->most_kept = scalars[6];
    if (c->most_kept < 1) return TOO_FEW;
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
    if (!problem) problem = load_held(c, &parts[HELD], spans);
    return problem ? problem : load_waiting(c, parts, runs, spans);
}
