/* What callers give: buffers, checked for what a kernel takes for granted. buffers.py does the same for the twins. */
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *name;
    const char *formats; /* of the buffer protocol; NULL: bytes of any kind */
    Py_ssize_t size;
    int writable;
} Want;

#define BYTES(name) {name, NULL, 1, 0}
#define UINT8(name) {name, "B", 1, 0}
#define INT64(name) {name, "lq", 8, 0}
#define INT32(name) {name, "il", 4, 0}
#define UINT32(name) {name, "IL", 4, 0}
#define UINT16(name) {name, "H", 2, 0}
#define BYTES_OUT(name) {name, NULL, 1, 1}
#define INT64_OUT(name) {name, "lq", 8, 1}
#define UINT32_OUT(name) {name, "IL", 4, 1}
#define UINT16_OUT(name) {name, "H", 2, 1}
#define UINT8_OUT(name) {name, "B", 1, 1}

static const char *complaint(const Py_buffer *view, const Want *want)
{
    if (!PyBuffer_IsContiguous(view, 'C')) return "is not contiguous";
    if (want->writable && view->readonly) return "is read-only";
    if (!want->formats) return NULL;
    const char *format = view->format ? view->format : "B";
    if (view->itemsize != want->size || !*format || format[1] || !strchr(want->formats, *format))
        return "has items of another type";
    return (uintptr_t)view->buf % (size_t)want->size ? "is not aligned" : NULL;
}

static void release(Py_buffer *views, int count)
{
    while (count--) PyBuffer_Release(&views[count]);
}

/* Takes the buffers of all objects, or none, with an exception set; NULL stands for an empty buffer. */
static int acquire(PyObject **objects, Py_buffer *views, const Want *wants, int count)
{
    memset(views, 0, (size_t)count * sizeof *views);
    for (int i = 0; i < count; i++) {
        if (objects[i] == NULL) continue;
        if (PyObject_GetBuffer(objects[i], &views[i], PyBUF_FULL_RO) < 0) {
            release(views, i);
            return -1;
        }
        const char *reason = complaint(&views[i], &wants[i]);
        if (reason) {
            PyErr_Format(PyExc_ValueError, "%s %s", wants[i].name, reason);
            release(views, i + 1);
            return -1;
        }
    }
    return 0;
}
