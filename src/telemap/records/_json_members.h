/* Lines → members: those of all lines in the order in which they stand, then grouped by key. */

#define REPLACED UINT32_MAX

typedef struct {
    int64_t begin, end, row;
    uint32_t key, kind;
} Member;

typedef struct {
    KeyTable *table;
    Bytes base, limit;
    int max_depth, has_replaced;
    Member *members;
    size_t count, room;
    int64_t *places; /* by key: how many members, then where they go */
} Work;

static int make_room(Work *work)
{
    size_t room = 2 * work->room + 1024;
    Member *members = realloc(work->members, room * sizeof *members);
    if (!members) return -1;
    work->members = members;
    work->room = room;
    return 0;
}

/* The number of the key at p, which is a quote, and in *next what follows it; NULL there where no key is at p. */
static ALWAYS_INLINE uint32_t read_key(KeyTable *table, uint32_t parent, uint32_t before, Bytes p, Bytes end,
                                       Bytes limit, Bytes *next)
{
    uint32_t guess = table->keys[before].next;
    if (guess < table->count && is_key_at(&table->keys[guess], parent, p + 1, end)) {
        *next = p + 2 + table->keys[guess].key_length;
        return guess;
    }
    int escaped;
    Bytes close = string_end(p + 1, end, limit, &escaped);
    *next = close ? close + 1 : NULL;
    if (!close) return NO_ROOM;
    uint32_t key = key_number(table, parent, p + 1, close, escaped);
    if (key != NO_ROOM) table->keys[before].next = key;
    return key;
}

/* Notes that a key comes in this line; what it told before in the same line counts no more. */
static ALWAYS_INLINE void note_key(Work *work, Key *key)
{
    if (key->line == work->table->lines) {
        for (size_t i = key->first; i < key->last; i++) work->members[i].key = REPLACED;
        work->has_replaced = 1;
    }
    key->line = work->table->lines;
    key->first = work->count;
    key->last = work->count + 1;
}

static ALWAYS_INLINE void add_member(Work *work, uint32_t key, uint32_t parent, Bytes quote, Bytes value, Bytes end,
                                     uint32_t kind, int64_t row)
{
    Member *member = &work->members[work->count++];
    int inside = kind <= ESCAPED_VALUE; /* the quotes */
    *member = (Member){value - work->base + inside, end - work->base - inside, row, key, kind};
    if (key == NO_ROOM)
        *member = (Member){quote - work->base, end - work->base, row, work->table->capacity + parent, WHOLE_MEMBER};
}

enum { BAD_LINE, GOOD_LINE, NO_MEMORY };

static int read_line(Work *work, Bytes p, Bytes end, int64_t row)
{
    KeyTable *table = work->table;
    Bytes limit = work->limit;
    uint32_t parents[MAX_NESTING], key = ROOT, before = ROOT, kind = NULL_VALUE;
    int depth = 0;
    parents[0] = ROOT;
    p = blanks(p, end);
    if (p == end || *p != '{') return BAD_LINE;
    p = blanks(p + 1, end);
    if (p < end && *p == '}') return blanks(p + 1, end) == end;
    for (;;) {
        if (p == end || *p != '"') return BAD_LINE;
        Bytes quote = p, value;
        key = read_key(table, parents[depth], before, p, end, limit, &p);
        if (!p) return BAD_LINE;
        if (p < end && *p != ':') p = blanks(p, end);
        if (p == end || *p != ':') return BAD_LINE;
        value = p = blanks(p + 1, end);
        if (p == end) return BAD_LINE;
        if (key != NO_ROOM) {
            note_key(work, &table->keys[key]);
            before = key;
        }
        if (*p == '{' && key != NO_ROOM && depth + 1 < work->max_depth) {
            p = blanks(p + 1, end);
            if (p < end && *p == '"') {
                parents[++depth] = key;
                continue;
            }
            p = value;
        }
        if (*p == '{' || *p == '[') {
            kind = *p == '{' ? OBJECT_VALUE : ARRAY_VALUE;
            p = container_end(p, end, limit, depth + 1);
        } else {
            p = scalar_end(p, end, limit, &kind);
        }
        if (!p) return BAD_LINE;
        if (work->count == work->room && make_room(work) < 0) return NO_MEMORY;
        add_member(work, key, parents[depth], quote, value, p, kind, row);
        for (p = blanks(p, end); p < end && *p == '}'; p = blanks(p + 1, end)) {
            if (!depth) return blanks(p + 1, end) == end;
            table->keys[parents[depth--]].last = work->count;
        }
        if (p == end || *p != ',') return BAD_LINE;
        p = blanks(p + 1, end);
    }
}

/* Counts the members from number `first` on, by key, after taking out those that were replaced. */
static void count_members(Work *work, size_t first)
{
    Member *members = work->members;
    if (work->has_replaced) {
        size_t kept = first;
        for (size_t i = first; i < work->count; i++) {
            if (members[i].key != REPLACED) members[kept++] = members[i];
        }
        work->count = kept;
        work->has_replaced = 0;
    }
    for (size_t i = first; i < work->count; i++) work->places[members[i].key]++;
}

/* The members of row `row`; takes back all that was learnt of a line that is not good. */
static int take_line(Work *work, Bytes p, Bytes end, int64_t row)
{
    uint32_t keys = work->table->count;
    size_t first = work->count;
    work->table->lines++;
    int result = read_line(work, p, end, row);
    if (result == GOOD_LINE) {
        count_members(work, first);
    } else {
        forget_from(work->table, keys);
        work->count = first;
        work->has_replaced = 0;
    }
    return result;
}

/* Turns the counts into places; fills which keys occur and, one more, where the members of each begin. */
static void take_places(Work *work, int64_t *keys, int64_t *firsts)
{
    int64_t place = 0;
    for (size_t key = 0; key < 2 * (size_t)work->table->capacity; key++) {
        int64_t count = work->places[key];
        if (!count) continue;
        *keys++ = (int64_t)key;
        *firsts++ = work->places[key] = place;
        place += count;
    }
    *firsts = place;
}

static void group_members(Work *work, int64_t *rows, int64_t *begins, int64_t *ends, uint8_t *kinds)
{
    for (const Member *member = work->members; member < work->members + work->count; member++) {
        int64_t place = work->places[member->key]++;
        rows[place] = member->row;
        begins[place] = member->begin;
        ends[place] = member->end;
        kinds[place] = (uint8_t)member->kind;
    }
}
