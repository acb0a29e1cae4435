/* The rows of spans in lanes. rows_of in lanes.py is its twin and says what everything means; the two must agree. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>

#define MOST_ROWS 256

static void place(Py_ssize_t count, const int32_t *lane, const int64_t *start, const int64_t *until,
                  const int32_t *parent, int most_rows, uint8_t *rows, uint8_t *is_forced)
{
    int64_t reached[MOST_ROWS];
    int32_t current = -1;
    int last = most_rows - 1;
    for (Py_ssize_t at = 0; at < count; at++) {
        if (lane[at] != current) {
            current = lane[at];
            for (int row = 0; row < most_rows; row++) reached[row] = INT64_MIN;
        }
        int row = parent[at] >= 0 && parent[at] < at ? rows[parent[at]] + 1 : 0;
        if (row > last) row = last;
        while (row < last && reached[row] > start[at]) row++;
        is_forced[at] = reached[row] > start[at];
        if (!is_forced[at] || until[at] > reached[row]) reached[row] = until[at];
        rows[at] = (uint8_t)row;
    }
}

static PyObject *rows_of(PyObject *module, PyObject *args)
{
    Py_buffer lane, start, until, parent;
    int most_rows;
    if (!PyArg_ParseTuple(args, "y*y*y*y*i:rows_of", &lane, &start, &until, &parent, &most_rows)) return NULL;
    Py_ssize_t count = lane.len / (Py_ssize_t)sizeof(int32_t);
    PyObject *rows = NULL, *is_forced = NULL, *both = NULL;
    if (most_rows < 1 || most_rows > MOST_ROWS || parent.len != lane.len || start.len != until.len ||
        start.len / (Py_ssize_t)sizeof(int64_t) != count) {
        PyErr_SetString(PyExc_ValueError, "columns of one length, and 1 to 256 rows");
    } else if ((rows = PyByteArray_FromStringAndSize(NULL, count)) &&
               (is_forced = PyByteArray_FromStringAndSize(NULL, count))) {
        uint8_t *row = (uint8_t *)PyByteArray_AsString(rows), *forced = (uint8_t *)PyByteArray_AsString(is_forced);
        Py_BEGIN_ALLOW_THREADS
        place(count, lane.buf, start.buf, until.buf, parent.buf, most_rows, row, forced);
        Py_END_ALLOW_THREADS
        both = PyTuple_Pack(2, rows, is_forced);
    }
    Py_XDECREF(rows);
    Py_XDECREF(is_forced);
    PyBuffer_Release(&lane);
    PyBuffer_Release(&start);
    PyBuffer_Release(&until);
    PyBuffer_Release(&parent);
    return both;
}

static PyMethodDef methods[] = {{"rows_of", rows_of, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "telemap.stats._lanes", NULL, 0, methods};

PyMODINIT_FUNC PyInit__lanes(void)
{
    return PyModule_Create(&definition);
}
