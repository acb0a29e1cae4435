/* The JSON lines kernel. json_python.py is its twin and says what each function means; the two must agree to the bit.
 *
 * What is below the "Python" heading checks; the headers trust nothing but the bounds they are given, because other
 * threads may change a buffer while the GIL is released.
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

#include "_json_values.h"
#include "_json_text.h"
#include "_json_keys.h"
#include "_json_members.h"

/* ---- Python ---- */

static const char BAD_SPAN[] = "a span is not within the data";
static const char UNEQUAL[] = "arrays differ in length";
static const char TOO_LONG[] = "the texts are too long for one array";
static const char MEMORY[] = "memory";

static PyObject *raise(const char *problem)
{
    if (problem == MEMORY) return PyErr_NoMemory();
    PyErr_SetString(PyExc_ValueError, problem);
    return NULL;
}

static PyObject *bytearray(size_t count, size_t size) { return PyByteArray_FromStringAndSize(NULL, count * size); }

static PyObject *table_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"capacity", NULL};
    Py_ssize_t capacity = 4096;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|n:KeyTable", keywords, &capacity)) return NULL;
    if (capacity < 1 || capacity > MAX_CAPACITY)
        return PyErr_Format(PyExc_ValueError, "capacity is not within 1 and %d", MAX_CAPACITY);
    PyObject *word = PyUnicode_FromString("KeyTable");
    if (!word) return NULL;
    Py_hash_t seed = PyObject_Hash(word); /* random for each process, so that nobody can write keys that collide */
    Py_DECREF(word);
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    KeyTable *table = (KeyTable *)alloc(type, 0);
    if (!table) return NULL;
    uint64_t slots = 2;
    while (slots < 2 * (uint64_t)capacity) slots *= 2;
    table->capacity = (uint32_t)capacity + 1; /* with the root */
    table->slot_mask = slots - 1;
    table->seed = (uint64_t)seed;
    table->slots = calloc((size_t)slots, sizeof *table->slots);
    table->keys = calloc(table->capacity, sizeof *table->keys);
    if (!table->slots || !table->keys) {
        Py_DECREF(table);
        return PyErr_NoMemory();
    }
    table->keys[ROOT].key_length = SIZE_MAX;
    table->count = 1;
    return (PyObject *)table;
}

static void table_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    KeyTable *table = (KeyTable *)self;
    for (uint32_t i = 0; i < table->count; i++) free(table->keys[i].path);
    free(table->keys);
    free(table->slots);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static Py_ssize_t table_length(PyObject *self) { return ((KeyTable *)self)->count - 1; }

static PyObject *table_path(PyObject *self, PyObject *argument)
{
    KeyTable *table = (KeyTable *)self;
    Py_ssize_t number = PyNumber_AsSsize_t(argument, PyExc_IndexError);
    if (number == -1 && PyErr_Occurred()) return NULL;
    int is_rest = number >= table->capacity; /* of the members that found no room for their keys */
    if (is_rest) number -= table->capacity;
    if (number < 0 || number >= table->count) return PyErr_Format(PyExc_IndexError, "no key has this number");
    const Key *key = &table->keys[number];
    const char *rest = !is_rest ? "" : number == ROOT ? "*" : ".*";
    PyObject *path = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(key->path_length + strlen(rest)));
    if (!path) return NULL;
    char *out = PyBytes_AsString(path);
    if (key->path) memcpy(out, key->path, key->path_length);
    memcpy(out + key->path_length, rest, strlen(rest));
    return path;
}

static PyMethodDef table_methods[] = {
    {"path", table_path, METH_O, "path($self, number, /)\n--\n\nThe keys of that number, joined by dots."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot table_slots[] = {
    {Py_tp_doc, "KeyTable(capacity=4096)\n--\n\nThe keys seen so far; see telemap.records.json_python."},
    {Py_tp_new, table_new},
    {Py_tp_dealloc, table_dealloc},
    {Py_tp_methods, table_methods},
    {Py_sq_length, table_length},
    {0, NULL},
};
static PyType_Spec table_spec = {"telemap.records._json.KeyTable", sizeof(KeyTable), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, table_slots};

/* ---- Members ---- */

static const char *read_lines(Work *work, const Py_buffer *views, int are_all)
{
    const int64_t *offsets = views[1].buf, *lengths = views[2].buf, *which = views[3].buf;
    int64_t size = views[0].len, lines = views[1].len / 8, rows = are_all ? lines : views[3].len / 8;
    uint8_t *ok = views[4].buf;
    work->places = calloc(2 * (size_t)work->table->capacity, sizeof *work->places);
    if (!work->places) return MEMORY;
    for (int64_t row = 0; row < rows; row++) {
        int64_t line = are_all ? row : which[row];
        if (line < 0 || line >= lines) return "a row is not within the lines";
        int64_t offset = offsets[line], length = lengths[line];
        if (offset < 0 || length < 0 || offset > size || length > size - offset) return "a line is not within the data";
        Bytes begin = work->base + offset;
        int result = take_line(work, begin, begin + length, row);
        if (result == NO_MEMORY) return MEMORY;
        ok[row] = result == GOOD_LINE;
    }
    return NULL;
}

static PyObject *grouped(Work *work)
{
    size_t keys = 0, count = work->count;
    for (size_t key = 0; key < 2 * (size_t)work->table->capacity; key++) keys += work->places[key] > 0;
    PyObject *arrays[] = {bytearray(keys, 8),  bytearray(keys + 1, 8), bytearray(count, 8),
                          bytearray(count, 8), bytearray(count, 8),    bytearray(count, 1)};
    void *items[6];
    int failed = 0;
    for (int i = 0; i < 6; i++) {
        failed |= !arrays[i];
        items[i] = arrays[i] ? PyByteArray_AsString(arrays[i]) : NULL;
    }
    if (failed) {
        for (int i = 0; i < 6; i++) Py_XDECREF(arrays[i]);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    take_places(work, items[0], items[1]);
    group_members(work, items[2], items[3], items[4], items[5]);
    Py_END_ALLOW_THREADS
    return Py_BuildValue("(NNNNNN)", arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], arrays[5]);
}

static PyObject *members(PyObject *module, PyObject *args)
{
    static const Want wants[] = {BYTES("data"), INT64("offsets"), INT64("lengths"), INT64("which"), UINT8_OUT("ok")};
    PyObject *objects[5], *result = NULL;
    Py_buffer views[5];
    Work work = {0};
    PyTypeObject **type = PyModule_GetState(module);
    if (!PyArg_ParseTuple(args, "OOOOO!iO:members", &objects[0], &objects[1], &objects[2], &objects[3], *type,
                          &work.table, &work.max_depth, &objects[4]))
        return NULL;
    int are_all = objects[3] == Py_None;
    if (are_all) objects[3] = NULL;
    if (acquire(objects, views, wants, 5) < 0) return NULL;
    const char *problem = NULL;
    if (views[2].len != views[1].len || views[4].len != views[are_all ? 1 : 3].len / 8) problem = UNEQUAL;
    else if (work.max_depth < 1 || work.max_depth > MAX_NESTING) problem = "max_depth is not within 1 and 512";
    else if (work.table->busy) problem = "the table is in use by another thread";
    else {
        work.base = views[0].buf;
        work.limit = work.base + views[0].len;
        work.table->busy = 1;
        Py_BEGIN_ALLOW_THREADS
        problem = read_lines(&work, views, are_all);
        Py_END_ALLOW_THREADS
        if (!problem) result = grouped(&work);
        work.table->busy = 0;
    }
    release(views, 5);
    free(work.members);
    free(work.places);
    return problem ? raise(problem) : result;
}

/* ---- Text ---- */

/* How many bytes the spans have, in all; -1 where one is not within the data. */
static int64_t total_bytes(const Py_buffer *views)
{
    const int64_t *begins = views[1].buf, *ends = views[2].buf;
    int64_t total = 0;
    for (Py_ssize_t i = 0; i < views[1].len / 8; i++) {
        if (begins[i] < 0 || begins[i] > ends[i] || ends[i] > views[0].len) return -1;
        if (ends[i] - begins[i] > INT64_MAX - total) return -1;
        total += ends[i] - begins[i];
    }
    return total;
}

/* Whether span i is still as short as when the bytes were counted. */
static int is_span(const Py_buffer *views, int64_t begin, int64_t end, int64_t left)
{
    return begin >= 0 && begin <= end && end <= views[0].len && end - begin <= left;
}

static const char *unescape_spans(const Py_buffer *views, uint8_t *text, int64_t total, int32_t *offsets)
{
    Bytes base = views[0].buf;
    const int64_t *begins = views[1].buf, *ends = views[2].buf;
    const uint8_t *escaped = views[3].buf;
    uint8_t *out = text;
    offsets[0] = 0;
    for (Py_ssize_t i = 0; i < views[1].len / 8; i++) {
        int64_t begin = begins[i], end = ends[i];
        if (!is_span(views, begin, end, total - (out - text))) return BAD_SPAN;
        if (escaped[i]) {
            out = put_unescaped(out, base + begin, base + end);
        } else if (begin < end) {
            memcpy(out, base + begin, (size_t)(end - begin));
            out += end - begin;
        }
        offsets[i + 1] = (int32_t)(out - text);
    }
    return NULL;
}

static PyObject *unescape(PyObject *module, PyObject *args)
{
    static const Want wants[] = {BYTES("data"), INT64("begins"), INT64("ends"), UINT8("escaped")};
    PyObject *objects[4], *offsets = NULL, *text = NULL;
    Py_buffer views[4];
    if (!PyArg_ParseTuple(args, "OOOO:unescape", &objects[0], &objects[1], &objects[2], &objects[3])) return NULL;
    if (acquire(objects, views, wants, 4) < 0) return NULL;
    Py_ssize_t count = views[1].len / 8, size = 0;
    int is_equal = views[2].len == views[1].len && views[3].len == count;
    int64_t total = is_equal ? total_bytes(views) : 0;
    const char *problem = !is_equal ? UNEQUAL : total < 0 ? BAD_SPAN : NULL;
    if (total > INT32_MAX) problem = TOO_LONG;
    if (!problem && (offsets = bytearray((size_t)count + 1, 4)) && (text = bytearray((size_t)total, 1))) {
        int32_t *places = (int32_t *)PyByteArray_AsString(offsets);
        uint8_t *out = (uint8_t *)PyByteArray_AsString(text);
        Py_BEGIN_ALLOW_THREADS
        problem = unescape_spans(views, out, total, places);
        Py_END_ALLOW_THREADS
        size = problem ? 0 : places[count];
    }
    release(views, 4);
    if (!problem && text && PyByteArray_Resize(text, size) == 0) return Py_BuildValue("(NN)", offsets, text);
    Py_XDECREF(offsets);
    Py_XDECREF(text);
    return problem ? raise(problem) : NULL;
}

#define SEE "; see telemap.records.json_python."

static PyMethodDef methods[] = {
    {"members", members, METH_VARARGS,
     "members($module, data, offsets, lengths, which, keys, max_depth, ok, /)\n--\n\n"
     "The members of JSON objects, grouped by key" SEE},
    {"unescape", unescape, METH_VARARGS,
     "unescape($module, data, begins, ends, escaped, /)\n--\n\nWhat JSON strings stand for" SEE},
    {NULL, NULL, 0, NULL},
};

#include "_table_module.h"

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};
static struct PyModuleDef module_def = {PyModuleDef_HEAD_INIT, "_json", "The JSON lines kernel" SEE,
                                        sizeof(PyTypeObject *), methods, module_slots, module_traverse, module_clear,
                                        NULL};

PyMODINIT_FUNC PyInit__json(void) { return PyModuleDef_Init(&module_def); }
