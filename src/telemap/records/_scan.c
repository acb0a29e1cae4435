/* The scan kernel. scan_python.py is its twin and says what each function means; the two must agree to the bit.
 *
 * Everything below the "Python" heading checks; everything above it trusts nothing but the bounds it is given, because
 * other threads may change a buffer while the GIL is released.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "_buffers.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "little-endian only: the Python twin serves here"
#endif

typedef const uint8_t *Bytes;

#ifdef _MSC_VER
#include <intrin.h>
#define ALWAYS_INLINE __forceinline
static inline unsigned first_bit(uint64_t x) { unsigned long i; _BitScanForward64(&i, x); return i; }
static inline uint64_t fold(uint64_t a, uint64_t b) { return a * b ^ __umulh(a, b); }
#else
#define ALWAYS_INLINE inline __attribute__((always_inline))
static inline unsigned first_bit(uint64_t x) { return (unsigned)__builtin_ctzll(x); }
static inline uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}
#endif

/* ---- Eight bytes at a time: a set is the high bit of each byte that belongs to it ---- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (uint8_t)(byte))
#define HIGH EACH(0x80)

/* Up to eight bytes of p..end, zeros after them; reads backwards near the end so as to stay inside base..end. */
static inline uint64_t word(Bytes base, Bytes p, Bytes end)
{
    uint64_t w = 0;
    ptrdiff_t n = end - p;
    if (n >= 8) {
        memcpy(&w, p, 8);
    } else if (n > 0 && end - base >= 8) {
        memcpy(&w, end - 8, 8);
        w >>= 8 * (8 - n);
    } else if (n > 0) {
        memcpy(&w, p, (size_t)n);
    }
    return w;
}

static inline uint64_t below(uint64_t w, uint8_t limit)
{
    return ~(((w & EACH(0x7f)) + EACH(0x80 - limit)) | w) & HIGH;
}
static inline uint64_t digits(uint64_t w) { return below(w ^ EACH('0'), 10); }
static inline uint64_t equal(uint64_t w, uint8_t byte) { return below(w ^ EACH(byte), 1); }
static inline uint64_t hyphens(uint64_t w) { return equal(w, '-'); }
static inline uint64_t alnums(uint64_t w)
{
    uint64_t letter = (w | EACH(0x20)) ^ EACH(0x60); /* a..z and A..Z become 1..26 */
    return digits(w) | (below(letter, 27) & ~below(letter, 1));
}
static inline uint64_t names(uint64_t w) { return alnums(w) | hyphens(w) | equal(w, '_'); }

static inline int is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }
static inline int is_alnum(uint8_t c) { return is_digit(c) || (uint8_t)((c | 0x20) - 'a') < 26; }
static inline int is_hex(uint8_t c) { return is_digit(c) || (uint8_t)((c | 0x20) - 'a') < 6; }

/* ---- Masks ---- */

enum { NONE, DIGITS, MIXED, UUID, WORD, MARKED_MIXED, MARKED_WORD };

typedef struct {
    Bytes start, end; /* the masked bytes; both the end of the line where there is no further mask */
    Bytes next;       /* end of the token: letters of a unit ("12ms") lie between end and next */
} Mask;

/* UUID where one is at p, else NONE. */
static int uuid(Bytes p, Bytes end, Mask *mask)
{
    if (end - p < 36 || (end - p > 36 && is_alnum(p[36]))) return NONE;
    for (int i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23 ? p[i] != '-' : !is_hex(p[i])) return NONE;
    }
    mask->start = p;
    mask->end = mask->next = p + 36;
    return UUID;
}

/* Whether the one to three letters after a number are a unit. Any letters would do for reading, but ids of random
   digits and letters end in letters often enough to make thousands of shapes of one. The list is the twin's too. */
static int is_unit(Bytes p, int64_t length)
{
    static const char *const units[] = {"", "ZsmhxkKMGB",
                                        "mspxusnsemptkbmbgbkBKBMBGBthstndrd",
                                        "minsechrsdegremKiBMiBGiB"};
    if (length == 0) return 1;
    for (const char *unit = units[length]; *unit; unit += length) {
        if (*unit == (char)*p && !memcmp(unit, p, (size_t)length)) return 1;
    }
    return 0;
}

/* Of a token of eight bytes or more. */
static int long_token(Bytes base, Bytes start, Bytes end, Mask *mask)
{
    Bytes run = start, next;
    uint64_t others;
    while (!(others = ~digits(word(base, run, end)) & HIGH)) run += 8;
    run += first_bit(others) >> 3;
    for (next = run; !(others = ~alnums(word(base, next, end)) & HIGH);) next += 8;
    next += first_bit(others) >> 3;
    if (next - start == 8 && uuid(start, end, mask)) return UUID;
    mask->start = start;
    mask->end = mask->next = next;
    if (run == start || next - run > 3 || !is_unit(run, next - run)) return MIXED;
    mask->end = run;
    return DIGITS;
}

/* The mask of the token at `start`, which holds a digit. */
static inline int token(Bytes base, Bytes start, Bytes end, Mask *mask)
{
    uint64_t w = word(base, start, end), in = digits(w), others = ~alnums(w) & HIGH;
    if (!others) return long_token(base, start, end, mask);
    unsigned length = first_bit(others) >> 3, run = first_bit(~in & HIGH) >> 3;
    uint64_t within = (others & (0 - others)) - 1;
    int plain = run && length - run <= 3 && !((in & within) >> (8 * run)) && is_unit(start + run, length - run);
    mask->start = start;
    mask->next = start + length;
    mask->end = plain ? start + run : mask->next;
    return plain ? DIGITS : MIXED;
}

/* Where the value ends that begins after `opener`; NULL where none does. */
static Bytes value_end(Bytes base, Bytes line, Bytes opener, Bytes end)
{
    Bytes stop = opener + 1, before = opener;
    uint64_t others;
    if (stop == end || !is_alnum(*stop) || is_digit(*stop) || *opener == '&') return NULL;
    int quoted = *opener == '"' || *opener == '\'';
    if (quoted) {
        if (before > line && before[-1] == ' ') before--;
        if (before == line || (before[-1] != ':' && before[-1] != '=')) return NULL;
    }
    while (!(others = ~names(word(base, stop, end)) & HIGH)) stop += 8;
    stop += first_bit(others) >> 3;
    return quoted && (stop == end || *stop != *opener) ? NULL : stop;
}

/* The eight bytes looked at last, and which of them may begin a mask; kept from mask to mask, as short ones share. */
typedef struct {
    Bytes at;
    uint64_t marks;
} Look;

static ALWAYS_INLINE Look look(Bytes base, Bytes p, Bytes end, int values)
{
    uint64_t w = word(base, p, end), marks = digits(w);
    /* Hyphens too: the first group of a UUID may hold no digit. And what comes before a value: a bit is ignored that
       tells '=' from '-', and two that tell '"', '#', '\'' and, for nothing, '&' from each other. */
    marks |= values ? equal(w & EACH(0xef), '-') | equal(w & EACH(0xfa), '"') : hyphens(w);
    return (Look){p, marks};
}

/* The first mask at or after `from`, which is the start of the line or the end of a token. One copy is made for each
   way of `values`: a shared one costs 10 ns a line. */
static ALWAYS_INLINE int next_mask(Bytes base, Bytes line, Bytes from, Bytes end, int values, Look *last, Mask *mask)
{
    size_t passed = (size_t)(from - last->at);
    if (passed < 8) last->marks &= UINT64_MAX << 8 * passed;
    else *last = look(base, from, end, values);
    for (; end - last->at > 0; *last = look(base, last->at + 8, end, values)) {
        for (; last->marks; last->marks &= last->marks - 1) {
            Bytes start = last->at + (first_bit(last->marks) >> 3);
            if (is_digit(*start)) {
                while (start > from && is_alnum(start[-1])) start--;
                return token(base, start, end, mask);
            }
            if (*start == '-') {
                if (start - from >= 8 && (start - from == 8 || !is_alnum(start[-9])) && uuid(start - 8, end, mask))
                    return UUID;
                continue;
            }
            Bytes stop = value_end(base, line, start, end);
            if (!stop) continue;
            if (uuid(start + 1, end, mask)) return UUID;
            mask->start = start + 1;
            mask->end = mask->next = stop;
            return WORD;
        }
    }
    mask->start = mask->end = mask->next = end;
    return NONE;
}

/* ---- Marks: beginnings that tell masked tokens from others, if only by the class ---- */

#define MOST_MARKS 128
#define LONGEST_MARK 31

typedef struct {
    uint8_t first[64 * 64]; /* by the first two bytes, the number of a mark that begins with them; most tokens have 0 */
    uint8_t next[MOST_MARKS + 1]; /* by its number, that of another mark that begins alike */
    uint8_t texts[MOST_MARKS + 1][LONGEST_MARK + 1]; /* by number, folded, with a zero at the end */
    int count;
} Marks;

/* Letters of both cases are one, and so are all digits. */
static inline uint8_t folded(uint8_t c) { return is_digit(c) ? '0' : c | 0x20; }

static inline unsigned pair(uint8_t first, uint8_t second) { return (first & 63u) << 6 | (second & 63u); }

static int is_beginning(const uint8_t *mark, Bytes p, Bytes end)
{
    for (; *mark && p < end; mark++, p++) {
        if (*mark != '.' && *mark != folded(*p)) return 0;
    }
    return !*mark;
}

static inline int is_marked(const Marks *marks, const Mask *mask)
{
    Bytes p = mask->start;
    if (mask->end - p < 2) return 0;
    for (unsigned i = marks->first[pair(folded(p[0]), folded(p[1]))]; i; i = marks->next[i]) {
        if (is_beginning(marks->texts[i], p, mask->end)) return 1;
    }
    return 0;
}

/* The problem with a further mark, or NULL. */
static const char *add_mark(Marks *marks, Bytes text, Py_ssize_t size)
{
    if (marks->count == MOST_MARKS) return "more marks than 128";
    if (size < 2 || size > LONGEST_MARK) return "a mark is not of 2 to 31 bytes";
    uint8_t *mark = marks->texts[marks->count + 1];
    for (Py_ssize_t i = 0; i < size; i++) {
        uint8_t c = text[i];
        if (c != '0' && c != '-' && c != '_' && (uint8_t)(c - 'a') >= 26 && (c != '.' || i < 2))
            return "a mark holds other bytes than a to z, 0, - and _, and after two of these .";
        mark[i] = c == '.' ? c : folded(c);
    }
    uint8_t *first = &marks->first[pair(mark[0], mark[1])], number = (uint8_t)++marks->count;
    marks->next[number] = *first;
    *first = number;
    return NULL;
}

/* ---- Classes ---- */

#define OVERFLOW_CLASS UINT32_MAX
#define MAX_CAPACITY (1 << 24)

typedef struct {
    uint64_t hash;
    uint32_t number; /* class + 1; 0 is a free slot */
} Slot;

typedef struct {
    PyObject_HEAD
    Slot *slots;
    uint64_t slot_mask, seed;
    uint32_t count, capacity;
    int values, busy;
    Marks marks;
} ClassTable;

static inline uint32_t class_of(ClassTable *table, uint64_t hash)
{
    for (uint64_t i = hash & table->slot_mask;; i = (i + 1) & table->slot_mask) {
        Slot *slot = &table->slots[i];
        if (slot->number && slot->hash == hash) return slot->number - 1;
        if (!slot->number) {
            if (table->count == table->capacity) return OVERFLOW_CLASS;
            slot->hash = hash;
            slot->number = ++table->count;
            return slot->number - 1;
        }
    }
}

/* A literal and the kind of mask after it. The seed is secret, so that nobody can write lines that collide. */
static inline uint64_t absorb(uint64_t hash, uint64_t seed, Bytes base, Bytes p, Bytes end, unsigned kind)
{
    hash += ((uint64_t)(end - p) << 3 | kind) * UINT64_C(0x9E3779B97F4A7C15);
    for (; end - p > 16; p += 16) hash = fold(word(base, p, end) ^ seed, word(base, p + 8, end) ^ hash);
    uint64_t tail = end - p > 8 ? word(base, p + 8, end) : 0;
    return fold(word(base, p, end) ^ seed, tail ^ hash);
}

/* The heads of a line tell where its first masks end, in bytes from its start: what split has found, capture_all need
   not find again. FAR stands for those that end there or later and those that do not exist. */
#define HEADS 16
#define FAR UINT16_MAX

/* ALWAYS_INLINE for the same reason as next_mask. */
static ALWAYS_INLINE uint64_t shape_hash(const ClassTable *table, Bytes base, Bytes line, Bytes end, int values,
                                         uint16_t *heads)
{
    const uint64_t seed = table->seed;
    uint16_t *const heads_end = heads + HEADS;
    memset(heads, 0xFF, HEADS * sizeof(uint16_t));
    uint64_t hash = UINT64_C(0xD6E8FEB86659FD93);
    Bytes literal = line, from = line;
    Look last = look(base, line, end, values);
    Mask mask;
    int kind;
    do {
        kind = next_mask(base, line, from, end, values, &last, &mask);
        if ((kind == MIXED || kind == WORD) && is_marked(&table->marks, &mask))
            kind = kind == MIXED ? MARKED_MIXED : MARKED_WORD;
        hash = absorb(hash, seed, base, literal, mask.start, (unsigned)kind);
        literal = mask.end;
        from = mask.next;
        if (heads < heads_end && kind != NONE && mask.end - line < FAR) *heads++ = (uint16_t)(mask.end - line);
    } while (kind != NONE);
    return hash;
}

static Py_ssize_t split_lines(ClassTable *table, Bytes base, Bytes *at, Bytes stop, int final, Py_ssize_t capacity,
                              int64_t *offsets, int64_t *lengths, uint32_t *classes, uint16_t *heads)
{
    Bytes line = *at;
    Py_ssize_t count = 0;
    while (count < capacity && line < stop) {
        Bytes newline = memchr(line, '\n', (size_t)(stop - line));
        if (!newline && !final) break;
        Bytes end = newline ? newline : stop;
        Bytes next = newline ? newline + 1 : stop;
        if (end > line && end[-1] == '\r') end--;
        offsets[count] = line - base;
        lengths[count] = end - line;
        uint64_t hash = table->values ? shape_hash(table, base, line, end, 1, heads)
                                      : shape_hash(table, base, line, end, 0, heads);
        heads += HEADS;
        classes[count++] = class_of(table, hash);
        line = next;
    }
    *at = line;
    return count;
}

/* ---- Captures ---- */

typedef struct {
    int32_t column, start_mask, start_bytes, end_mask, end_bytes;
} Step;

#define LINE_END (-2)

/* How many masks there are in the line, at most `wanted`; the ends of the first `found` are in mask_ends already. */
static ALWAYS_INLINE int32_t find_masks(Bytes base, Bytes line, Bytes end, int values, int32_t found, int32_t wanted,
                                        int64_t *mask_ends)
{
    /* Going on from the end of a mask, not of its token, is as good: what lies between them is letters of a unit. */
    Bytes from = line + mask_ends[found];
    Look last = look(base, from, end, values);
    Mask mask;
    for (; found < wanted && next_mask(base, line, from, end, values, &last, &mask) != NONE; from = mask.end)
        mask_ends[++found] = mask.end - line;
    return found;
}

/* ---- Values ---- */

static int decimal(Bytes p, Bytes end, int scale, int64_t *out)
{
    int negative = p < end && *p == '-';
    int point = 0, any = 0, left = scale, rounded = 0;
    uint64_t value = 0, limit = (uint64_t)INT64_MAX + (uint64_t)negative;
    if (p < end && (*p == '-' || *p == '+')) p++;
    for (; p < end; p++) {
        uint64_t digit = (uint8_t)(*p - '0');
        if (*p == '.' && !point) {
            point = 1;
            continue;
        }
        if (digit > 9) return 0;
        any = 1;
        if (point && left == 0) {
            if (!rounded && digit >= 5 && value++ == limit) return 0;
            rounded = 1;
            continue;
        }
        if (value > (limit - digit) / 10) return 0;
        value = value * 10 + digit;
        left -= point;
    }
    for (; left > 0; left--) {
        if (value > limit / 10) return 0;
        value *= 10;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return any;
}

/* ---- Python ---- */

static PyObject *none_unless(const char *problem)
{
    if (problem) {
        PyErr_SetString(PyExc_ValueError, problem);
        return NULL;
    }
    Py_RETURN_NONE;
}

static int is_span(int64_t start, int64_t end, Py_ssize_t size)
{
    return start == -1 ? end == -1 : start >= 0 && start <= end && end <= size;
}

static const char BAD_SPAN[] = "a span is not within the data";
static const char UNEQUAL[] = "arrays differ in length";

/* Reads the marks from an iterable of bytes; -1 with an exception set. */
static int take_marks(Marks *marks, PyObject *given)
{
    PyObject *iterator = PyObject_GetIter(given), *item = NULL;
    int is_good = iterator != NULL;
    while (is_good && (item = PyIter_Next(iterator))) {
        char *text;
        Py_ssize_t size;
        is_good = PyBytes_AsStringAndSize(item, &text, &size) == 0;
        const char *problem = is_good ? add_mark(marks, (Bytes)text, size) : NULL;
        if (problem) {
            PyErr_SetString(PyExc_ValueError, problem);
            is_good = 0;
        }
        Py_DECREF(item);
    }
    Py_XDECREF(iterator);
    return is_good && !PyErr_Occurred() ? 0 : -1;
}

static PyObject *table_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"capacity", "values", "marks", NULL};
    Py_ssize_t capacity = 65536;
    int values = 0;
    PyObject *marks = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|npO:ClassTable", keywords, &capacity, &values, &marks))
        return NULL;
    if (capacity < 1 || capacity > MAX_CAPACITY)
        return PyErr_Format(PyExc_ValueError, "capacity is not within 1 and %d", MAX_CAPACITY);
    PyObject *word = PyUnicode_FromString("ClassTable");
    if (!word) return NULL;
    Py_hash_t seed = PyObject_Hash(word); /* random for each process */
    Py_DECREF(word);
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    ClassTable *table = (ClassTable *)alloc(type, 0);
    if (!table) return NULL;
    uint64_t slots = 2;
    while (slots < 2 * (uint64_t)capacity) slots *= 2;
    table->capacity = (uint32_t)capacity;
    table->slot_mask = slots - 1;
    table->seed = (uint64_t)seed;
    table->values = values;
    if (marks && take_marks(&table->marks, marks) < 0) {
        Py_DECREF(table);
        return NULL;
    }
    table->slots = PyMem_Calloc((size_t)slots, sizeof(Slot));
    if (!table->slots) {
        Py_DECREF(table);
        return PyErr_NoMemory();
    }
    return (PyObject *)table;
}

static void table_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(((ClassTable *)self)->slots);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static Py_ssize_t table_length(PyObject *self) { return ((ClassTable *)self)->count; }

static PyType_Slot table_slots[] = {
    {Py_tp_doc,
     "ClassTable(capacity=65536, values=False, marks=())\n--\n\n"
     "The shapes seen so far; see telemap.records.scan_python."},
    {Py_tp_new, table_new},
    {Py_tp_dealloc, table_dealloc},
    {Py_sq_length, table_length},
    {0, NULL},
};
static PyType_Spec table_spec = {"telemap.records._scan.ClassTable", sizeof(ClassTable), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, table_slots};

static PyObject *split(PyObject *module, PyObject *args)
{
    static const Want wants[] = {BYTES("data"), INT64_OUT("offsets"), INT64_OUT("lengths"), UINT32_OUT("classes"),
                                 UINT16_OUT("heads")};
    PyObject *objects[5];
    Py_buffer views[5];
    Py_ssize_t start, stop;
    int final;
    ClassTable *table;
    PyTypeObject **type = PyModule_GetState(module);
    if (!PyArg_ParseTuple(args, "OnnpO!OOOO:split", &objects[0], &start, &stop, &final, *type, &table, &objects[1],
                          &objects[2], &objects[3], &objects[4]))
        return NULL;
    if (acquire(objects, views, wants, 5) < 0) return NULL;
    Bytes base = views[0].buf, at = base;
    Py_ssize_t capacity = views[1].len / 8, count = 0;
    const char *problem = NULL;
    if (start < 0 || start > stop || stop > views[0].len) problem = "start and stop are not within the data";
    else if (views[2].len != views[1].len || views[3].len / 4 != capacity || views[4].len != capacity * HEADS * 2)
        problem = UNEQUAL;
    else if (table->busy) problem = "the table is in use by another thread";
    else {
        table->busy = 1;
        at = base + start;
        Py_BEGIN_ALLOW_THREADS
        count = split_lines(table, base, &at, base + stop, final, capacity, views[1].buf, views[2].buf, views[3].buf,
                            views[4].buf);
        Py_END_ALLOW_THREADS
        table->busy = 0;
    }
    Py_ssize_t consumed = at - base;
    release(views, 5);
    if (problem) return none_unless(problem);
    return Py_BuildValue("(nn)", count, consumed);
}

typedef struct {
    const int32_t *first_step;
    const Step *steps;
    Py_ssize_t class_count, step_count, row_count;
    int32_t column_count, values, mask_limit;
    int64_t *next, *limits; /* where in the outputs the next span of each column goes, and where it may not */
    int64_t *at, *starts, *ends, *mask_ends;
} Plans;

static int is_step(Step step, int32_t column_count)
{
    return step.column >= 0 && step.column < column_count && step.start_mask >= 0 && step.start_bytes >= 0 &&
           (step.end_mask >= 0 || step.end_mask == LINE_END) && step.end_bytes >= 0;
}

static inline int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

/* Puts into mask_ends where the masks of a line end, at least up to number `wanted`; how many can be used of it. */
static int32_t mask_ends_of(const Plans *plans, Bytes base, Bytes line, Bytes end, const uint16_t *heads,
                            int32_t wanted)
{
    int64_t *ends = plans->mask_ends;
    ptrdiff_t length = end - line;
    int32_t found = 0;
    for (int i = 0; i < HEADS; i++) ends[i + 1] = heads[i];
    if (length < FAR && wanted <= HEADS) return HEADS; /* a mask that does not exist ends beyond the line */
    while (found < HEADS && ends[found + 1] != FAR && ends[found + 1] <= length) found++;
    if (wanted > plans->mask_limit) wanted = plans->mask_limit;
    if (found >= wanted || (found < HEADS && length < FAR)) return found;
    return plans->values ? find_masks(base, line, end, 1, found, wanted, ends)
                         : find_masks(base, line, end, 0, found, wanted, ends);
}

/* Of row i. */
static const char *capture_line(const Plans *plans, Bytes base, Bytes line, Bytes end, uint32_t class,
                                const uint16_t *heads, Py_ssize_t i)
{
    if (class >= plans->class_count) return NULL;
    int32_t first = plans->first_step[class], last = plans->first_step[class + 1], wanted = 0;
    if (first < 0 || first > last || last > plans->step_count) return "first_step is not within the steps";
    for (const Step *step = plans->steps + first; step < plans->steps + last; step++)
        wanted = larger(wanted, larger(step->start_mask, step->end_mask));
    const int64_t *ends = plans->mask_ends, length = end - line;
    int32_t found = mask_ends_of(plans, base, line, end, heads, wanted);
    for (const Step *at = plans->steps + first; at < plans->steps + last; at++) {
        Step step = *at;
        if (!is_step(step, plans->column_count)) return "a step has a negative boundary or no such column";
        int64_t place = plans->next[step.column]++, start = -1, stop = -1;
        if (place >= plans->limits[step.column]) return "a column has more spans than places";
        plans->at[place] = i;
        if (step.start_mask <= found && step.end_mask <= found) {
            start = ends[step.start_mask] + step.start_bytes;
            stop = step.end_mask == LINE_END ? length : ends[step.end_mask] + step.end_bytes;
            int is_there = start <= stop && stop <= length;
            start = is_there ? line - base + start : -1;
            stop = is_there ? line - base + stop : -1;
        }
        plans->starts[place] = start;
        plans->ends[place] = stop;
    }
    return NULL;
}

static const char *capture_lines(const Py_buffer *views, const Plans *plans)
{
    Bytes base = views[0].buf;
    const int64_t *offsets = views[1].buf, *lengths = views[2].buf, *rows = views[3].buf;
    const uint32_t *classes = views[4].buf;
    const uint16_t *heads = views[11].buf;
    Py_ssize_t size = views[0].len, lines = views[1].len / 8;
    const char *problem = NULL;
    for (Py_ssize_t i = 0; i < plans->row_count && !problem; i++) {
        int64_t row = rows[i];
        if (row < 0 || row >= lines) return "a row is not within the lines";
        int64_t offset = offsets[row], length = lengths[row];
        if (offset < 0 || length < 0 || offset > size || length > size - offset) return "a line is not within the data";
        Bytes line = base + offset;
        problem = capture_line(plans, base, line, line + length, classes[row], heads + row * HEADS, i);
    }
    return problem;
}

static const char *take_places(const Plans *plans, const int64_t *places, int64_t count)
{
    for (int32_t column = 0; column <= plans->column_count; column++) {
        plans->next[column] = places[column];
        if (column) plans->limits[column - 1] = plans->next[column];
    }
    if (plans->next[0] != 0 || plans->next[plans->column_count] != count)
        return "places does not span at, starts and ends";
    for (int32_t column = 0; column < plans->column_count; column++) {
        if (plans->next[column] > plans->limits[column]) return "places does not ascend";
    }
    return NULL;
}

static const char *capture_rows(const Py_buffer *views, const int *options)
{
    Plans plans = {views[5].buf, views[6].buf, views[5].len / 4 - 1, views[6].len / (Py_ssize_t)sizeof(Step),
                   views[3].len / 8, (int32_t)(views[7].len / 8) - 1, options[0], 0, NULL, NULL,
                   views[8].buf, views[9].buf, views[10].buf, NULL};
    if (views[2].len != views[1].len || views[4].len / 4 != views[1].len / 8 || views[9].len != views[8].len ||
        views[10].len != views[8].len || views[11].len != views[1].len / 8 * HEADS * 2)
        return UNEQUAL;
    if (views[6].len % (Py_ssize_t)sizeof(Step)) return "steps does not consist of fives";
    if (plans.class_count < 0) return "first_step is empty";
    if (plans.column_count < 0) return "places is empty";
    for (Py_ssize_t i = 0; i < plans.step_count; i++) {
        plans.mask_limit = larger(plans.mask_limit, larger(plans.steps[i].start_mask, plans.steps[i].end_mask));
    }
    /* No line has more masks than bytes; a plan must not ask for gigabytes. */
    if (plans.mask_limit > views[0].len) plans.mask_limit = (int32_t)views[0].len;
    plans.mask_ends = calloc((size_t)larger(plans.mask_limit, HEADS) + 1, sizeof(int64_t));
    int64_t *places = malloc(((size_t)plans.column_count + 1) * 2 * sizeof(int64_t));
    const char *problem = "steps ask for more masks than memory can hold";
    if (plans.mask_ends && places) {
        /* Copies: what is checked here must still hold when it is used. */
        plans.next = places;
        plans.limits = places + plans.column_count + 2;
        problem = take_places(&plans, views[7].buf, views[8].len / 8);
        if (!problem) problem = capture_lines(views, &plans);
        for (int32_t column = 0; column < plans.column_count && !problem; column++) {
            if (plans.next[column] != plans.limits[column]) problem = "a column has fewer spans than places";
        }
    }
    free(places);
    free(plans.mask_ends);
    return problem;
}

static const char *decimal_rows(const Py_buffer *views, const int *scale)
{
    Bytes base = views[0].buf;
    const int64_t *starts = views[1].buf, *ends = views[2].buf;
    int64_t *out = views[3].buf;
    uint8_t *valid = views[4].buf;
    Py_ssize_t count = views[1].len / 8;
    if (views[2].len != views[1].len || views[3].len != views[1].len || views[4].len != count) return UNEQUAL;
    for (Py_ssize_t i = 0; i < count; i++) {
        int64_t start = starts[i], end = ends[i], value = 0;
        if (!is_span(start, end, views[0].len)) return BAD_SPAN;
        int good = start >= 0 && decimal(base + start, base + end, *scale, &value);
        valid[i] = (uint8_t)good;
        out[i] = good ? value : 0;
    }
    return NULL;
}

static const char *gather_rows(const Py_buffer *views, const int *unused)
{
    Bytes base = views[0].buf;
    const int64_t *starts = views[1].buf, *ends = views[2].buf;
    uint8_t *out = views[3].buf;
    int64_t left = views[3].len;
    if (views[2].len != views[1].len) return UNEQUAL;
    for (Py_ssize_t i = 0; i < views[1].len / 8; i++) {
        int64_t start = starts[i], end = ends[i];
        if (!is_span(start, end, views[0].len)) return BAD_SPAN;
        if (start == end) continue;
        if (end - start > left) return "out is smaller than the spans";
        memmove(out, base + start, (size_t)(end - start)); /* out may overlap data */
        out += end - start;
        left -= end - start;
    }
    return left ? "out is larger than the spans" : NULL;
}

typedef const char *(*Rows)(const Py_buffer *views, const int *options); /* the problem, or NULL */

static PyObject *fill(PyObject **objects, const Want *wants, int count, Rows rows, const int *options)
{
    Py_buffer views[12];
    const char *problem;
    if (acquire(objects, views, wants, count) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    problem = rows(views, options);
    Py_END_ALLOW_THREADS
    release(views, count);
    return none_unless(problem);
}

static PyObject *capture_all(PyObject *module, PyObject *args)
{
    static const Want wants[] = {BYTES("data"),     INT64("offsets"),    INT64("lengths"),
                                 INT64("rows"),     UINT32("classes"),   INT32("first_step"),
                                 INT32("steps"),    INT64("places"),     INT64_OUT("at"),
                                 INT64_OUT("starts"), INT64_OUT("ends"), UINT16("heads")};
    PyObject *o[12];
    int values;
    if (!PyArg_ParseTuple(args, "OOOOOOOOOOOpO:capture_all", &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6], &o[7],
                          &o[8], &o[9], &o[10], &values, &o[11]))
        return NULL;
    return fill(o, wants, 12, capture_rows, &values);
}

static PyObject *decimals(PyObject *module, PyObject *args)
{
    static const Want wants[] = {BYTES("data"), INT64("starts"), INT64("ends"), INT64_OUT("out"), UINT8_OUT("valid")};
    PyObject *o[5];
    int scale;
    if (!PyArg_ParseTuple(args, "OOOiOO:decimals", &o[0], &o[1], &o[2], &scale, &o[3], &o[4])) return NULL;
    if (scale < 0 || scale > 18) return none_unless("scale is not within 0 and 18");
    return fill(o, wants, 5, decimal_rows, &scale);
}

static PyObject *gather(PyObject *module, PyObject *args)
{
    static const Want wants[] = {BYTES("data"), INT64("starts"), INT64("ends"), BYTES_OUT("out")};
    PyObject *o[4];
    if (!PyArg_ParseTuple(args, "OOOO:gather", &o[0], &o[1], &o[2], &o[3])) return NULL;
    return fill(o, wants, 4, gather_rows, NULL);
}

#define SEE "; see telemap.records.scan_python."

static PyMethodDef methods[] = {
    {"split", split, METH_VARARGS,
     "split($module, data, start, stop, final, table, offsets, lengths, classes, heads, /)\n--\n\n"
     "Lines and their classes" SEE},
    {"capture_all", capture_all, METH_VARARGS,
     "capture_all($module, data, offsets, lengths, rows, classes, first_step, steps, places, at, starts, ends, values,"
     " heads, /)\n--\n\nSpans of the groups of lines by the steps of their classes" SEE},
    {"decimals", decimals, METH_VARARGS,
     "decimals($module, data, starts, ends, scale, out, valid, /)\n--\n\nNumbers as scaled integers" SEE},
    {"gather", gather, METH_VARARGS, "gather($module, data, starts, ends, out, /)\n--\n\nSpans back to back" SEE},
    {NULL, NULL, 0, NULL},
};

#include "_table_module.h"

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};
static struct PyModuleDef module_def = {PyModuleDef_HEAD_INIT, "_scan", "The scan kernel" SEE, sizeof(PyTypeObject *),
                                        methods, module_slots, module_traverse, module_clear, NULL};

PyMODINIT_FUNC PyInit__scan(void) { return PyModuleDef_Init(&module_def); }
