/* What each edge does to runs and spans, and the rows of spans. */
#include "_correlate_spans.h"

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

static void close_span(Correlation *c, Span *span, int64_t status);

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
    if (c->open_counts[kind] > c->most_kept) close_span(c, c->open[kind].first, STATUS_INCOMPLETE);
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
    forget_oldest_above(&c->maps[ORPHANS], MOST_REMEMBERED);
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
    const Run *run = span->run;
    int is_sequence = span->kind == SEQUENCE;
    int64_t parent = span->parent ? span->parent->ordinal : UNKNOWN_CODE;
    int64_t duration = span->reported;
    if (is_unknown(duration)) duration = difference(span->end_clock, span->start_clock);
    if (is_unknown(duration)) duration = difference(span->end_time, span->start_time);
    return (SpanRow){
        .kind = span->kind, .ordinal = span->ordinal, .run = run->ordinal, .parent = is_sequence ? run->cause : parent,
        .inferred_by = is_sequence && !span->inferred_by ? run->cause_rule : span->inferred_by,
        .status = span->status == STATUS_OPEN ? STATUS_INCOMPLETE : span->status, .first_line = span->first_line,
        .last_line = span->last_line, .start_time = span->start_time, .end_time = span->end_time,
        .duration = duration, .reported = span->reported, .request_id = run->request_id,
        .sequence_id = run->sequence_id, .sequence_name = run->sequence_name, .movement = span->movement,
        .beat = span->beat, .event_name = span->event_name, .title = span->title, .handler = span->handler,
        .handler_sequence = span->handler_sequence, .plugin = span->plugin >= 0 ? span->plugin : run->plugin,
        .status_message = span->status_message,
    };
}

/* A span is held, and so yielded, before the one that it stands in: it still says of which. */
static void yield_held(Correlation *c, Run *run)
{
    if (!run->held.first) return;
    for (Span *next, *span = run->held.first; span; span = next) {
        SpanRow row = row_of(span);
        next = span->after[OF_RUN];
        add(&c->finished, &row, SPAN_COLUMNS);
        give(&c->spans, span);
        run->span_count--;
        c->unfinished_count--;
        c->held_count--;
    }
    run->held = (List){0};
    *(run->earlier ? &run->earlier->later : &c->first_holding) = run->later;
    *(run->later ? &run->later->earlier : &c->last_holding) = run->earlier;
    if (!run->span_count) give(&c->runs, run);
}

static void release(Correlation *c, Span *span)
{
    Run *run = span->run;
    while (span && span->status != STATUS_OPEN && !span->open_children) {
        hold(c, span);
        span = span->parent;
        if (span) span->open_children--;
    }
    if (!span || is_told(run)) yield_held(c, run);
    while (c->held_count > c->most_kept) yield_held(c, c->first_holding);
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
    if (row->handler >= 0 && span->event_name >= 0) {
        find_or_add(&c->maps[EVENT_OF_HANDLER], row->handler, 0, 0)->value = span->event_name;
        forget_oldest_above(&c->maps[EVENT_OF_HANDLER], (size_t)c->most_kept);
    }
    span->end_time = is_settled ? span->settle_time : row->time;
    span->end_clock = is_settled ? span->settle_clock : row->clock;
    if (span->run->request_id >= 0 && span->handler >= 0) {
        find_or_add(&c->maps[FINISHED_HANDLERS], span->run->request_id, span->handler, 0)->value = span->ordinal;
        forget_oldest_above(&c->maps[FINISHED_HANDLERS], MOST_REMEMBERED);
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
    Map *requests = &c->maps[handler ? REQUESTS_INSIDE : REQUESTS_OUTSIDE];
    find_or_add(requests, row->sequence_id, 0, 0)->value++;
    forget_oldest_above(requests, (size_t)c->most_kept);
}

static void on_queue(Correlation *c, const Row *row)
{
    Run *run = c->requested ? c->requested : new_run(c);
    c->requested = NULL;
    learn_of_run(c, run, row);
    append_to_queue(c, run);
    if (c->queue_count > c->most_kept) drop_first_queued(c);
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
    while (c->first_queued) drop_first_queued(c);
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

static int feed_rows(Correlation *c, const char *rows, Py_ssize_t count, int64_t *places)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        Row row; /* a copy: others may write to the buffer */
        memcpy(&row, rows + i * (Py_ssize_t)sizeof row, sizeof row);
        if (i % BATCH == 0 && reserve(c) < 0) return -1;
        places[2 * i] = places[2 * i + 1] = UNKNOWN_CODE;
        if (is_edge(&row)) feed_row(c, &row, places + 2 * i);
    }
    return 0;
}
