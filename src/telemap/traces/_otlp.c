/* Columns of the spans of OTLP in JSON. Of what is not plain (other signals, other spellings, null, a member twice,
 * anything that JSON does not allow) it says nothing at all: then telemap.traces.otlp, which specifies the result, reads
 * the same bytes. Parts that are rare (events, links, lists as values) are handed on as places in the data.
 *
 * Nothing of Python is touched between the two ALLOW_THREADS, where other threads may change the data: no place is
 * read twice to decide a bound.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef const uint8_t *Bytes;
typedef struct {
    Bytes start, end;
    int is_escaped;
} Text;
typedef struct {
    uint8_t *data;
    size_t length, capacity;
} Buffer;
typedef struct {
    Buffer ends; /* int32, where each text ends; the first is the 0 where the first begins */
    Buffer data;
} TextColumn;

enum { TRACE_ID, SPAN_ID, PARENT_ID, NAME, STATUS_MESSAGE, KEY, VALUE, TEXTS };
enum { KIND, STATUS_CODE, START, END, PAIRS_END, NUMBERS, DOCUMENTS = NUMBERS, GROUPS, EVENTS, LINKS, ODD_VALUES, INTS };
enum { PLAIN, NOT_PLAIN, NO_MEMORY };
enum { TRACE_STATE, FLAGS, DROPPED_ATTRIBUTES, DROPPED_EVENTS, DROPPED_LINKS, EXTRAS };

static const char *const EXTRA_NAMES[EXTRAS] = {"w3c.tracestate", "otel.trace_flags", "otel.dropped_attributes_count",
                                                "otel.dropped_events_count", "otel.dropped_links_count"};
#define MAX_BYTES (1 << 30) /* of data, so that what is made of it fits into 32 bits */
#define MAX_PAIRS 128       /* of a span whose keys are compared one with another */

typedef struct {
    Bytes base, at, end;
    int is_lines, failed;
    int64_t spans, pairs;
    TextColumn texts[TEXTS];
    Buffer ints[INTS];
} Scan;

/* ---- Buffers ---- */

static int fail(Scan *s, int why)
{
    if (!s->failed) s->failed = why;
    return 0;
}

static int put(Scan *s, Buffer *buffer, const void *bytes, size_t length)
{
    if (length > buffer->capacity - buffer->length) {
        size_t capacity = 2 * buffer->capacity + length + 4096;
        uint8_t *data = realloc(buffer->data, capacity);
        if (!data) return fail(s, NO_MEMORY);
        buffer->data = data;
        buffer->capacity = capacity;
    }
    if (length) memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    return 1;
}

static int put_int(Scan *s, int column, int64_t value) { return put(s, &s->ints[column], &value, sizeof value); }

static int put_end(Scan *s, TextColumn *column)
{
    if (column->data.length > INT32_MAX) return fail(s, NOT_PLAIN);
    int32_t end = (int32_t)column->data.length;
    return put(s, &column->ends, &end, sizeof end);
}

static int hex4(Bytes at, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t c = at[i], lower = c | 0x20;
        if (c >= '0' && c <= '9') *value = *value << 4 | (uint32_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f') *value = *value << 4 | (uint32_t)(lower - 'a' + 10);
        else return 0;
    }
    return 1;
}

static int put_code_point(Scan *s, Buffer *out, uint32_t c)
{
    uint8_t bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6) bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
    bytes[0] = (uint8_t)(n == 1 ? c : (0xf0 << (4 - n) & 0xff) | c);
    return put(s, out, bytes, n);
}

/* What stands behind a backslash at *at; moves *at behind it. */
static int put_escaped(Scan *s, Buffer *out, Bytes *at, Bytes end)
{
    static const char SHORT[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    if (*at >= end) return fail(s, NOT_PLAIN);
    uint8_t c = *(*at)++;
    for (const char *pair = SHORT; *pair; pair += 2)
        if (c == (uint8_t)*pair) return put(s, out, pair + 1, 1);
    uint32_t high, low;
    if (c != 'u' || end - *at < 4 || !hex4(*at, &high)) return fail(s, NOT_PLAIN);
    *at += 4;
    if (high >= 0xd800 && high < 0xe000) {
        if (high >= 0xdc00 || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u' || !hex4(*at + 2, &low) ||
            low < 0xdc00 || low >= 0xe000)
            return fail(s, NOT_PLAIN);
        *at += 6;
        high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
    return put_code_point(s, out, high);
}

static int put_text(Scan *s, int name, Text text)
{
    TextColumn *column = &s->texts[name];
    if (!text.is_escaped)
        return put(s, &column->data, text.start, (size_t)(text.end - text.start)) && put_end(s, column);
    for (Bytes at = text.start; at < text.end;) {
        Bytes stop = memchr(at, '\\', (size_t)(text.end - at));
        if (!stop) stop = text.end;
        if (!put(s, &column->data, at, (size_t)(stop - at))) return 0;
        at = stop;
        if (at < text.end && (at++, !put_escaped(s, &column->data, &at, text.end))) return 0;
    }
    return put_end(s, column);
}

static Text literal(const char *text) { return (Text){(Bytes)text, (Bytes)text + strlen(text), 0}; }

/* ---- JSON ---- */

static void skip_space(Scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || (*s->at == '\n' && !s->is_lines)))
        s->at++;
}

static int next_is(Scan *s, uint8_t c)
{
    skip_space(s);
    return s->at < s->end && *s->at == c;
}

static int expect(Scan *s, uint8_t c)
{
    if (!next_is(s, c)) return fail(s, NOT_PLAIN);
    s->at++;
    return 1;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (uint8_t)(byte))

/* Whether any of eight bytes ends a run of plain characters: a quote, a backslash, a control character. */
static int ends_run(uint64_t w)
{
    uint64_t quote = w ^ EACH('"'), back = w ^ EACH('\\');
    return ((((w - EACH(0x20)) & ~w) | ((quote - EACH(1)) & ~quote) | ((back - EACH(1)) & ~back)) & EACH(0x80)) != 0;
}

static int string(Scan *s, Text *text)
{
    if (!expect(s, '"')) return 0;
    text->start = s->at;
    text->is_escaped = 0;
    for (uint64_t w;;) {
        for (; s->end - s->at >= 8; s->at += 8) {
            memcpy(&w, s->at, 8);
            if (ends_run(w)) break;
        }
        while (s->at < s->end && *s->at != '"' && *s->at != '\\' && *s->at >= 0x20) s->at++;
        if (s->at >= s->end || *s->at < 0x20) return fail(s, NOT_PLAIN);
        if (*s->at == '"') break;
        if (s->end - s->at < 2) return fail(s, NOT_PLAIN);
        text->is_escaped = 1;
        s->at += 2; /* what is escaped ends no string; put_escaped says whether it is allowed */
    }
    text->end = s->at++;
    return 1;
}

/* The next member of an object: its key, with its value to come; false at the end, or where s->failed says why. */
static int member(Scan *s, int *count, Text *key)
{
    if (next_is(s, '}')) {
        s->at++;
        return 0;
    }
    if ((*count)++ && !expect(s, ',')) return 0;
    return string(s, key) && (!key->is_escaped || fail(s, NOT_PLAIN)) && expect(s, ':');
}

static int element(Scan *s, int *count)
{
    if (next_is(s, ']')) {
        s->at++;
        return 0;
    }
    return !(*count)++ || expect(s, ',');
}

static int is(Text key, const char *name)
{
    size_t length = strlen(name);
    return (size_t)(key.end - key.start) == length && !memcmp(key.start, name, length);
}

/* A member that is told twice is not plain. */
static int first(Scan *s, unsigned *seen, int bit)
{
    if (*seen & 1u << bit) return fail(s, NOT_PLAIN);
    *seen |= 1u << bit;
    return 1;
}

/* A list or an object, unread; whoever reads it finds out whether it is JSON. */
static int unread(Scan *s, Text *place)
{
    Text ignored;
    skip_space(s);
    place->start = s->at;
    int depth = 0;
    do {
        skip_space(s);
        if (s->at >= s->end || *s->at == '\n') return fail(s, NOT_PLAIN);
        uint8_t c = *s->at;
        if (c == '"') {
            if (!string(s, &ignored)) return 0;
            continue;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        s->at++;
    } while (depth > 0);
    place->end = s->at;
    return *place->start == '{' || *place->start == '[' || fail(s, NOT_PLAIN);
}

/* A whole number as it is usually written, bare or as a string. */
static int whole_number(Scan *s, Text *text)
{
    int is_string = next_is(s, '"');
    if (is_string) {
        if (!string(s, text)) return 0;
    } else {
        text->start = s->at;
        while (s->at < s->end && (*s->at == '-' || (*s->at >= '0' && *s->at <= '9'))) s->at++;
        text->end = s->at;
        text->is_escaped = 0;
        if (s->at < s->end && (*s->at == '.' || *s->at == 'e' || *s->at == 'E')) return fail(s, NOT_PLAIN);
    }
    Bytes digits = text->start + (text->start < text->end && *text->start == '-');
    ptrdiff_t count = text->end - digits;
    if (count < 1 || count > 19 || (*digits == '0' && (count > 1 || digits > text->start))) return fail(s, NOT_PLAIN);
    for (Bytes at = digits; at < text->end; at++)
        if (*at < '0' || *at > '9') return fail(s, NOT_PLAIN);
    return 1;
}

static int natural_number(Scan *s, int64_t *value)
{
    Text text;
    if (!whole_number(s, &text)) return 0;
    uint64_t sum = 0;
    for (Bytes at = text.start; at < text.end; at++) {
        if (*at == '-') return fail(s, NOT_PLAIN);
        sum = 10 * sum + (uint64_t)(*at - '0');
    }
    if (sum > INT64_MAX) return fail(s, NOT_PLAIN);
    *value = (int64_t)sum;
    return 1;
}

/* ---- OTLP ---- */

/* The text of a value that is one text, whole number or truth; of any other, its place. */
static int value(Scan *s, Text *text, Text *place)
{
    Bytes start = s->at;
    Text key;
    int count = 0;
    if (!expect(s, '{')) return 0;
    int is_plain = member(s, &count, &key);
    if (s->failed) return 0;
    if (is_plain && is(key, "stringValue")) {
        is_plain = next_is(s, '"');
        if (is_plain && !string(s, text)) return 0;
    } else if (is_plain && is(key, "intValue")) {
        if (!whole_number(s, text)) return 0;
    } else if (is_plain && is(key, "boolValue")) {
        *text = literal(next_is(s, 't') ? "true" : "false");
        size_t length = (size_t)(text->end - text->start);
        is_plain = (size_t)(s->end - s->at) >= length && !memcmp(s->at, text->start, length);
        if (is_plain) s->at += length;
    } else {
        is_plain = 0;
    }
    if (is_plain && next_is(s, '}')) {
        s->at++;
        return 1;
    }
    s->at = start;
    *text = literal("");
    return unread(s, place);
}

static int put_pair(Scan *s, Text key, Text text)
{
    s->pairs++;
    return put_text(s, KEY, key) && put_text(s, VALUE, text);
}

static int attributes(Scan *s)
{
    int count = 0;
    if (!expect(s, '[')) return 0;
    while (element(s, &count)) {
        Text name, key = literal(""), text = literal(""), place = {NULL, NULL, 0};
        unsigned seen = 0;
        int members = 0;
        if (!expect(s, '{')) return 0;
        while (member(s, &members, &name)) {
            if (is(name, "key") && first(s, &seen, 0) ? !string(s, &key)
                : is(name, "value") && first(s, &seen, 1) ? !value(s, &text, &place)
                                                          : !fail(s, NOT_PLAIN))
                return 0;
        }
        if (s->failed) return 0;
        if (place.start && !(put_int(s, ODD_VALUES, s->pairs) && put_int(s, ODD_VALUES, place.start - s->base) &&
                             put_int(s, ODD_VALUES, place.end - s->base)))
            return 0;
        if (!put_pair(s, key, text)) return 0;
    }
    return !s->failed;
}

static int status(Scan *s, int64_t *code, Text *message)
{
    Text key;
    unsigned seen = 0;
    int count = 0;
    if (!expect(s, '{')) return 0;
    while (member(s, &count, &key)) {
        if (is(key, "code") && first(s, &seen, 0) ? !natural_number(s, code)
            : is(key, "message") && first(s, &seen, 1) ? !string(s, message)
                                                       : !fail(s, NOT_PLAIN))
            return 0;
    }
    return !s->failed;
}

/* That no two pairs of a span have the same key. */
static int keys_differ(Scan *s, int64_t from)
{
    const int32_t *ends = (const int32_t *)(const void *)s->texts[KEY].ends.data;
    const uint8_t *data = s->texts[KEY].data.data;
    if (s->pairs - from > MAX_PAIRS) return fail(s, NOT_PLAIN);
    for (int64_t a = from; a < s->pairs; a++)
        for (int64_t b = a + 1; b < s->pairs; b++) {
            int32_t length = ends[a + 1] - ends[a];
            if (length == ends[b + 1] - ends[b] && !memcmp(data + ends[a], data + ends[b], (size_t)length))
                return fail(s, NOT_PLAIN);
        }
    return 1;
}

static int place_of_span(Scan *s, int column)
{
    Text place;
    return unread(s, &place) && put_int(s, column, s->spans) && put_int(s, column, place.start - s->base) &&
           put_int(s, column, place.end - s->base);
}

static int extra(Scan *s, Text key, Text *extras, unsigned *seen)
{
    static const char *const KEYS[EXTRAS] = {"traceState", "flags", "droppedAttributesCount", "droppedEventsCount",
                                             "droppedLinksCount"};
    for (int i = 0; i < EXTRAS; i++)
        if (is(key, KEYS[i])) {
            if (!first(s, seen, 16 + i)) return 0;
            if (i == TRACE_STATE) return string(s, &extras[i]);
            if (!whole_number(s, &extras[i])) return 0;
            if (*extras[i].start == '0') extras[i].end = extras[i].start;
            return 1;
        }
    return fail(s, NOT_PLAIN);
}

static int span_member(Scan *s, Text key, Text *texts, int64_t *numbers, Text *extras, unsigned *seen)
{
    static const struct {
        const char *name;
        int column;
    } TEXT_KEYS[] = {{"traceId", TRACE_ID}, {"spanId", SPAN_ID}, {"parentSpanId", PARENT_ID}, {"name", NAME}},
      NUMBER_KEYS[] = {{"kind", KIND}, {"startTimeUnixNano", START}, {"endTimeUnixNano", END}};
    for (int i = 0; i < 4; i++)
        if (is(key, TEXT_KEYS[i].name)) return first(s, seen, i) && string(s, &texts[TEXT_KEYS[i].column]);
    for (int i = 0; i < 3; i++)
        if (is(key, NUMBER_KEYS[i].name))
            return first(s, seen, 4 + i) && natural_number(s, &numbers[NUMBER_KEYS[i].column]);
    if (is(key, "attributes")) return first(s, seen, 7) && attributes(s);
    if (is(key, "status"))
        return first(s, seen, 8) && status(s, &numbers[STATUS_CODE], &texts[STATUS_MESSAGE]);
    if (is(key, "events")) return first(s, seen, 9) && place_of_span(s, EVENTS);
    if (is(key, "links")) return first(s, seen, 10) && place_of_span(s, LINKS);
    return extra(s, key, extras, seen);
}

static int span(Scan *s)
{
    Text key, texts[KEY], extras[EXTRAS];
    int64_t numbers[NUMBERS] = {0}, from = s->pairs;
    unsigned seen = 0;
    int count = 0;
    for (int i = 0; i < KEY; i++) texts[i] = literal("");
    for (int i = 0; i < EXTRAS; i++) extras[i] = literal("");
    if (!expect(s, '{')) return 0;
    while (member(s, &count, &key))
        if (!span_member(s, key, texts, numbers, extras, &seen)) return 0;
    if (s->failed) return 0;
    for (int i = 0; i < EXTRAS; i++)
        if (extras[i].end > extras[i].start && !put_pair(s, literal(EXTRA_NAMES[i]), extras[i])) return 0;
    if (numbers[STATUS_CODE] == 1 && !put_pair(s, literal("otel.status_code"), literal("OK"))) return 0;
    numbers[PAIRS_END] = s->pairs;
    for (int i = 0; i < KEY; i++)
        if (!put_text(s, i, texts[i])) return 0;
    for (int i = 0; i < NUMBERS; i++)
        if (!put_int(s, i, numbers[i])) return 0;
    s->spans++;
    return keys_differ(s, from);
}

static int spans(Scan *s)
{
    int count = 0;
    if (!expect(s, '[')) return 0;
    while (element(s, &count))
        if (!span(s)) return 0;
    return !s->failed;
}

typedef struct {
    Text resource, schema, scope, scope_schema;
} Group;

static int schema_url(Scan *s, Text *place)
{
    skip_space(s);
    Bytes start = s->at;
    if (!string(s, place)) return 0;
    *place = (Text){start, s->at, 0};
    return 1;
}

static int put_place(Scan *s, Text place)
{
    return put_int(s, GROUPS, place.start ? place.start - s->base : 0) &&
           put_int(s, GROUPS, place.start ? place.end - s->base : 0);
}

/* The row of a group: its document, the number of spans up to its end, and places in the data. */
enum { GROUP_COLUMNS = 10 };

static int scope_spans(Scan *s)
{
    Text key;
    Group group = {0};
    unsigned seen = 0;
    int count = 0;
    if (!expect(s, '{')) return 0;
    while (member(s, &count, &key)) {
        if (is(key, "scope") && first(s, &seen, 0) ? !unread(s, &group.scope)
            : is(key, "spans") && first(s, &seen, 1) ? !spans(s)
            : is(key, "schemaUrl") && first(s, &seen, 2) ? !schema_url(s, &group.scope_schema)
                                                         : !fail(s, NOT_PLAIN))
            return 0;
    }
    return !s->failed && put_int(s, GROUPS, (int64_t)(s->ints[DOCUMENTS].length / (3 * sizeof(int64_t)))) &&
           put_int(s, GROUPS, s->spans) && put_place(s, group.resource) && put_place(s, group.schema) &&
           put_place(s, group.scope) && put_place(s, group.scope_schema);
}

static int resource_spans(Scan *s)
{
    Text key;
    Group group = {0};
    unsigned seen = 0;
    int count = 0, scopes = 0;
    size_t from = s->ints[GROUPS].length / sizeof(int64_t);
    if (!expect(s, '{')) return 0;
    while (member(s, &count, &key)) {
        if (is(key, "resource") && first(s, &seen, 0)) {
            if (!unread(s, &group.resource)) return 0;
        } else if (is(key, "schemaUrl") && first(s, &seen, 1)) {
            if (!schema_url(s, &group.schema)) return 0;
        } else if (is(key, "scopeSpans") && first(s, &seen, 2) && expect(s, '[')) {
            while (element(s, &scopes))
                if (!scope_spans(s)) return 0;
        } else {
            return fail(s, NOT_PLAIN);
        }
    }
    if (s->failed) return 0;
    int64_t places[] = {group.resource.start ? group.resource.start - s->base : 0,
                        group.resource.start ? group.resource.end - s->base : 0,
                        group.schema.start ? group.schema.start - s->base : 0,
                        group.schema.start ? group.schema.end - s->base : 0};
    for (; from < s->ints[GROUPS].length / sizeof(int64_t); from += GROUP_COLUMNS)
        memcpy(s->ints[GROUPS].data + (from + 2) * sizeof(int64_t), places, sizeof places);
    return 1;
}

static int document(Scan *s)
{
    Text key;
    int members = 0, count = 0;
    if (!expect(s, '{')) return 0;
    while (member(s, &members, &key)) {
        if (members > 1 || !is(key, "resourceSpans") || !expect(s, '[')) return fail(s, NOT_PLAIN);
        while (element(s, &count))
            if (!resource_spans(s)) return 0;
    }
    return !s->failed;
}

/* All documents; in lines, each must stand on one. */
static void documents(Scan *s)
{
    int64_t line = 0;
    Bytes line_start = s->at;
    for (int i = 0; i < TEXTS; i++)
        if (!put_end(s, &s->texts[i])) return;
    while (!s->failed) {
        for (; s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'); s->at++)
            if (*s->at == '\n') line++, line_start = s->at + 1;
        if (s->at >= s->end) return;
        if (!s->is_lines && s->ints[DOCUMENTS].length) break;
        if (!document(s)) return;
        skip_space(s);
        if (s->at < s->end && *s->at != '\n') break;
        Bytes line_end = s->at < s->end ? s->at + 1 : s->at;
        int64_t row[] = {line, line_start - s->base, line_end - s->base};
        int64_t whole[] = {0, 0, s->end - s->base};
        if (!put(s, &s->ints[DOCUMENTS], s->is_lines ? row : whole, sizeof row)) return;
    }
    fail(s, NOT_PLAIN);
}

/* ---- Python ---- */

static PyObject *bytes_of(const Buffer *buffer)
{
    return PyBytes_FromStringAndSize((const char *)buffer->data, (Py_ssize_t)buffer->length);
}

static int append(PyObject *list, PyObject *item)
{
    int failed = !item || PyList_Append(list, item) < 0;
    Py_XDECREF(item);
    return !failed;
}

static PyObject *results(Scan *s)
{
    PyObject *found = PyList_New(0);
    int is_fine = found != NULL;
    for (int i = 0; is_fine && i < TEXTS; i++)
        is_fine = append(found, bytes_of(&s->texts[i].ends)) && append(found, bytes_of(&s->texts[i].data));
    for (int i = 0; is_fine && i < INTS; i++) is_fine = append(found, bytes_of(&s->ints[i]));
    if (is_fine) return found;
    Py_XDECREF(found);
    return NULL;
}

static PyObject *columns(PyObject *module, PyObject *args)
{
    Py_buffer data;
    Scan scan = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "y*p:columns", &data, &scan.is_lines)) return NULL;
    if (data.len <= MAX_BYTES) {
        Py_BEGIN_ALLOW_THREADS
        scan.base = scan.at = data.buf;
        scan.end = scan.base + data.len;
        documents(&scan);
        Py_END_ALLOW_THREADS
    } else {
        fail(&scan, NOT_PLAIN);
    }
    PyBuffer_Release(&data);
    PyObject *found = scan.failed == NO_MEMORY   ? PyErr_NoMemory()
                      : scan.failed == NOT_PLAIN ? (Py_INCREF(Py_None), Py_None)
                                                 : results(&scan);
    for (int i = 0; i < TEXTS; i++) {
        free(scan.texts[i].ends.data);
        free(scan.texts[i].data.data);
    }
    for (int i = 0; i < INTS; i++) free(scan.ints[i].data);
    return found;
}

static PyMethodDef methods[] = {
    {"columns", columns, METH_VARARGS,
     "columns(data, is_lines, /)\n--\n\nColumns of the spans in ``data``, or None; see telemap.traces.otlp_columns."},
    {NULL, NULL, 0, NULL},
};
static PyModuleDef_Slot module_slots[] = {{0, NULL}};
static struct PyModuleDef module_def = {PyModuleDef_HEAD_INIT, "_otlp", "Columns of OTLP in JSON", 0, methods,
                                        module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__otlp(void) { return PyModuleDef_Init(&module_def); }
