/* The correlation of edges. correlate.py is its twin and says what everything means; the two must agree to the number.
 *
 * What differs is the search: a row that tells a request id looks only at the runs that have it and at those of which
 * none is known yet. Nothing can fail within a row, and no Python object is touched: `reserve` makes the room before,
 * so that rows are fed while the GIL is released.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <structmember.h>
#include "_correlate_state.h"

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
    static char *names[] = {"serial_handlers", "most_kept", NULL};
    int serial_handlers;
    long long most_kept;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "pL:Correlation", names, &serial_handlers, &most_kept)) return NULL;
    if (most_kept < 1) {
        PyErr_SetString(PyExc_ValueError, TOO_FEW);
        return NULL;
    }
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Object *object = (Object *)alloc(type, 0);
    if (object) object->correlation = (Correlation){.serial_handlers = serial_handlers, .most_kept = most_kept};
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
            if (!failed) c->finished.count = 0;
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
    for (int i = 0; i < PARTS && !problem; i++) {
        problem = copy_part(PyTuple_GetItem(args, i), &parts[i], i < FIRST_MAP ? columns[i] : MAP_COLUMNS);
    }
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
    {"most_kept", T_LONGLONG, offsetof(Object, correlation.most_kept), READONLY, NULL},
    {"ambiguous", T_LONGLONG, offsetof(Object, correlation.ambiguous), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyType_Slot object_slots[] = {
    {Py_tp_doc, "Correlation(serial_handlers, most_kept)\n--\n\nThe open spans of one source" SEE},
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
