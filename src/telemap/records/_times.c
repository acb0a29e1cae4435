/* The kernel that reads timestamps. times_python.py is its twin and says what is read; the two must agree to the bit.
 *
 * Layouts come as text, each ended by a zero: it is interpreted as it stands, which costs a nanosecond or two a
 * directive. What has been matched is checked for its range only when a whole layout fits.
 *
 * Other threads may change the bytes that are read: nothing that was seen in them is relied upon for a bound.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdlib.h>

#include "_buffers.h"
#include "_times_values.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "little-endian only: the Python twin serves here"
#endif

/* ---- Rows ---- */

#define LONGEST 255
#define EACH(byte) (UINT64_C(0x0101010101010101) * (uint8_t)(byte))

/* A text that was read, so that the next may be known by its shape: its words of eight bytes, the last two overlapping,
   with a mask of the bytes that are digits, and the other bytes. */
typedef struct {
    Fields fields;
    Day day;
    Py_ssize_t layout, length;
    uint64_t digits[LONGEST / 8 + 1], others[LONGEST / 8 + 1];
} Known;

static inline uint64_t word_at(Bytes p, Bytes end)
{
    uint64_t w;
    memcpy(&w, end - p < 8 ? end - 8 : p, 8);
    return w;
}

/* Not zero where a byte under the mask is no digit. A sum carries into the next byte only where the first is none. */
static inline uint64_t not_digits(uint64_t w, uint64_t mask)
{
    uint64_t x = (w ^ EACH('0')) & mask;
    return ((x + EACH(0x76)) | x) & EACH(0x80);
}

static inline int is_known(const Known *known, Bytes begin, Bytes end)
{
    uint64_t others = 0;
    if (end - begin != known->length) return 0;
    int i = 0;
    for (Bytes p = begin; p < end; p += 8, i++) {
        uint64_t w = word_at(p, end), mask = known->digits[i];
        others |= ((w & ~mask) ^ known->others[i]) | not_digits(w, mask);
    }
    return !others;
}

/* Texts of less than a word are not kept, nor TAI64N: letters among its digits make each a shape of its own. */
static void know(Known *known, const Fields *fields, Py_ssize_t layout, Bytes begin, Bytes end)
{
    int i = 0;
    known->fields = *fields;
    known->layout = layout;
    known->length = end - begin >= 8 && fields->alone_as != 't' ? end - begin : 0;
    for (Bytes p = begin; known->length && p < end; p += 8, i++) {
        uint64_t w = word_at(p, end), mask = 0;
        for (int byte = 0; byte < 64; byte += 8) mask |= is_digit((uint8_t)(w >> byte)) ? UINT64_C(0xFF) << byte : 0;
        known->digits[i] = mask;
        known->others[i] = w & ~mask;
    }
}

static inline int is_wrapping(uint8_t c)
{
    return !is_digit(c) && !is_letter(c) && c && strchr(" \t\"'[](){}<>", c) != NULL;
}

static int is_readable(int kind) { return kind != UNREADABLE && kind != OUT_OF_RANGE; }

static int read_text(Reader *reader, const Bytes *specs, Py_ssize_t layouts, Known *known, int64_t *time)
{
    /* What is known has nothing around it, so this text has not either. */
    if (known->length && is_known(known, reader->begin, reader->end)) {
        int kind = reading(&known->fields, reader->begin, &known->day, time);
        if (is_readable(kind)) return kind;
    }
    while (reader->begin < reader->end && is_wrapping(*reader->begin)) reader->begin++;
    while (reader->begin < reader->end && is_wrapping(reader->end[-1])) reader->end--;
    *time = NO_TIME;
    if (!layouts || reader->begin == reader->end || reader->end - reader->begin > LONGEST) return UNREADABLE;
    int worst = UNREADABLE;
    for (Py_ssize_t i = -1; i < layouts; i++) {
        Py_ssize_t layout = i < 0 ? known->layout : i;
        Fields fields = {0};
        if (!fits(reader, specs[layout], &fields)) continue;
        int kind = reading(&fields, reader->begin, &known->day, time);
        if (is_readable(kind)) {
            know(known, &fields, layout, reader->begin, reader->end);
            return kind;
        }
        if (kind > worst) worst = kind;
    }
    *time = NO_TIME;
    return worst;
}

/* ---- Python ---- */

enum { DATA, BEGINS, ENDS, TIMES, KINDS, PROGRAM, MONTHS, ZONES, BUFFERS };

static const char *parse_rows(const Py_buffer *views, const Bytes *specs, Py_ssize_t layouts)
{
    Bytes base = views[DATA].buf;
    const int64_t *begins = views[BEGINS].buf, *ends = views[ENDS].buf;
    int64_t *times = views[TIMES].buf;
    uint8_t *kinds = views[KINDS].buf;
    Reader reader = {NULL, NULL,
                     {views[MONTHS].buf, views[MONTHS].len / (Py_ssize_t)sizeof(Name), 0},
                     {views[ZONES].buf, views[ZONES].len / (Py_ssize_t)sizeof(Name), 0}};
    Known known = {.layout = 0, .length = 0};
    for (Py_ssize_t i = 0; i < views[BEGINS].len / 8; i++) {
        int64_t begin = begins[i], end = ends[i];
        int is_absent = begin == -1 && end == -1;
        if (!is_absent && (begin < 0 || begin > end || end > views[DATA].len)) return "a span is not within the data";
        reader.begin = base + (is_absent ? 0 : begin);
        reader.end = base + (is_absent ? 0 : end);
        kinds[i] = (uint8_t)read_text(&reader, specs, layouts, &known, &times[i]);
    }
    return NULL;
}

/* Where each layout begins; the program ends in a zero, so that none runs beyond it. NULL where memory is out. */
static Bytes *layouts_of(const Py_buffer *program, Py_ssize_t *count)
{
    Bytes at = program->buf, end = at + program->len;
    for (Bytes p = at; p < end; p++) *count += !*p;
    Bytes *specs = malloc(((size_t)*count + 1) * sizeof(Bytes));
    for (Py_ssize_t i = 0; specs && i < *count; i++, at++) {
        specs[i] = at;
        while (*at) at++;
    }
    return specs;
}

static const char *parse_views(const Py_buffer *views)
{
    const Py_buffer *program = &views[PROGRAM];
    if (views[ENDS].len != views[BEGINS].len || views[TIMES].len != views[BEGINS].len ||
        views[KINDS].len != views[BEGINS].len / 8)
        return "arrays differ in length";
    if (program->len && ((Bytes)program->buf)[program->len - 1]) return "layouts.program does not end in a zero";
    Py_ssize_t count = 0;
    Bytes *specs = layouts_of(program, &count);
    if (!specs) return "layouts are more than memory can hold";
    const char *problem;
    Py_BEGIN_ALLOW_THREADS
    problem = parse_rows(views, specs, count);
    Py_END_ALLOW_THREADS
    free(specs);
    return problem;
}

static PyObject *parse(PyObject *module, PyObject *args)
{
    static const Want wants[BUFFERS] = {BYTES("data"),           INT64("begins"),         INT64("ends"),
                                        INT64_OUT("times"),      UINT8_OUT("kinds"),      UINT8("layouts.program"),
                                        UINT8("layouts.months"), UINT8("layouts.zones")};
    static const char *const attributes[] = {"program", "months", "zones"};
    PyObject *o[BUFFERS] = {NULL}, *layouts, *result = NULL;
    Py_buffer views[BUFFERS];
    if (!PyArg_ParseTuple(args, "OOOOOO:parse", &o[DATA], &o[BEGINS], &o[ENDS], &layouts, &o[TIMES], &o[KINDS]))
        return NULL;
    int is_good = 1;
    for (int i = 0; i < 3 && is_good; i++) {
        o[PROGRAM + i] = PyObject_GetAttrString(layouts, attributes[i]);
        is_good = o[PROGRAM + i] && PyBytes_Check(o[PROGRAM + i]);
        if (o[PROGRAM + i] && !is_good) PyErr_SetString(PyExc_TypeError, "layouts is not a Layouts");
    }
    if (is_good && acquire(o, views, wants, BUFFERS) == 0) {
        const char *problem = parse_views(views);
        release(views, BUFFERS);
        if (problem) PyErr_SetString(PyExc_ValueError, problem);
        else result = Py_NewRef(Py_None);
    }
    for (int i = PROGRAM; i < BUFFERS; i++) Py_XDECREF(o[i]);
    return result;
}

#define SEE "; see telemap.records.times_python."

static PyMethodDef methods[] = {
    {"parse", parse, METH_VARARGS,
     "parse($module, data, begins, ends, layouts, times, kinds, /)\n--\n\nTimestamps as nanoseconds" SEE},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {{0, NULL}};
static struct PyModuleDef module_def = {PyModuleDef_HEAD_INIT, "_times", "The kernel that reads timestamps" SEE, 0,
                                        methods, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__times(void) { return PyModuleDef_Init(&module_def); }
