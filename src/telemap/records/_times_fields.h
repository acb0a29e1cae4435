/* Where the fields of a timestamp are: a part of _times.c. */
#include <stdint.h>
#include <string.h>

typedef const uint8_t *Bytes;

static inline int is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }
static inline int is_letter(uint8_t c) { return (uint8_t)((c | 0x20) - 'a') < 26; }

/* ---- Names ---- */

#define NAME_BYTES 12
#define NO_MONTH 13

typedef struct {
    uint8_t name[NAME_BYTES];
    int32_t value;
} Name;

typedef struct {
    const Name *names;
    Py_ssize_t count, last; /* where the last was found: the next is mostly the same */
} Names;

static int is_named(const Name *name, const uint8_t *folded) { return !memcmp(name->name, folded, NAME_BYTES); }

/* What the table has for the word, or NULL. */
static const int32_t *value_of(Names *table, Bytes word, Bytes end)
{
    uint8_t folded[NAME_BYTES] = {0};
    if (end - word > NAME_BYTES) return NULL;
    for (int i = 0; word < end; i++, word++) folded[i] = *word >= 'A' && *word <= 'Z' ? *word | 0x20 : *word;
    if (table->last < table->count && is_named(&table->names[table->last], folded))
        return &table->names[table->last].value;
    for (Py_ssize_t i = 0; i < table->count; i++) {
        if (!is_named(&table->names[i], folded)) continue;
        table->last = i;
        return &table->names[i].value;
    }
    return NULL;
}

/* ---- Directives: each takes what it can at p and gives where it ends, or NULL ----
 *
 * They only note where the fields are. That depends on which bytes are digits, not on which digits they are, so what
 * was found in one text holds for all others that differ in digits only: the next row mostly is one.
 */

enum { YEAR = 1, DATE = 2, TWELVE = 4, MERIDIEM = 8, PM = 16, OFFSET = 32, WEST = 64, ABBREVIATION = 128,
       MILLISECONDS = 256 };

typedef struct {
    uint8_t at, width; /* in the text, which is short */
} Place;

typedef struct {
    Place year, month, day, hour, minute, second, fraction, zone_hours, zone_minutes, alone;
    uint8_t named_month, alone_as;
    uint16_t seen;
    int32_t named_zone; /* seconds */
} Fields;

typedef struct {
    Bytes begin, end; /* of the text */
    Names months, zones;
} Reader;

static inline Bytes place(const Reader *reader, Bytes p, Bytes end, Place *out)
{
    *out = (Place){(uint8_t)(p - reader->begin), (uint8_t)(end - p)};
    return end;
}

static inline Bytes fixed(const Reader *reader, Bytes p, int width, Place *out)
{
    if (reader->end - p < width) return NULL;
    for (int i = 0; i < width; i++) {
        if (!is_digit(p[i])) return NULL;
    }
    return place(reader, p, p + width, out);
}

/* One or two digits, maybe after a blank; exactly two right after a digit, where nothing else tells fields apart. */
static Bytes short_number(const Reader *reader, Bytes p, Place *out)
{
    if (p > reader->begin && is_digit(p[-1])) return fixed(reader, p, 2, out);
    if (p < reader->end && *p == ' ') p++;
    Bytes both = fixed(reader, p, 2, out);
    return both ? both : fixed(reader, p, 1, out);
}

static Bytes digits_end(const Reader *reader, Bytes p)
{
    while (p < reader->end && is_digit(*p)) p++;
    return p;
}

static Bytes blanks(Bytes p, Bytes end)
{
    Bytes start = p;
    for (; p < end; p++) {
        if (*p == ' ' || *p == '\t') continue;
        if (end - p >= 2 && p[0] == 0xC2 && p[1] == 0xA0) p += 1; /* no-break, and the narrow one of newer Javas */
        else if (end - p >= 3 && p[0] == 0xE2 && p[1] == 0x80 && p[2] == 0xAF) p += 2;
        else break;
    }
    return p > start ? p : NULL;
}

/* A word and the dot of an abbreviation, unless the layout has one to follow. */
static Bytes word(const Reader *reader, Bytes p, uint8_t next, Bytes *word_end)
{
    Bytes start = p;
    while (p < reader->end && (is_letter(*p) || *p >= 0x80)) p++;
    *word_end = p;
    if (p == start) return NULL;
    return p < reader->end && *p == '.' && next != '.' ? p + 1 : p;
}

static Bytes month_name(Reader *reader, Bytes p, uint8_t next, Fields *fields)
{
    Bytes end, after = word(reader, p, next, &end);
    const int32_t *value = after ? value_of(&reader->months, p, end) : NULL;
    fields->named_month = value ? (uint8_t)*value : NO_MONTH;
    return after;
}

/* A colon is no decimal mark: what follows it is a count, of milliseconds where no zeros make it longer. */
static Bytes fraction(const Reader *reader, Bytes p, Fields *fields)
{
    Bytes end = digits_end(reader, p);
    if (p > reader->begin && p[-1] == ':' && end - p < 3) fields->seen |= MILLISECONDS;
    return end == p ? NULL : place(reader, p, end, &fields->fraction);
}

static Bytes offset(const Reader *reader, Bytes p, Fields *fields)
{
    Bytes end = reader->end;
    if (p < end && *p == ' ') p++;
    if (p == end || (*p != 'Z' && *p != '+' && *p != '-')) return NULL;
    fields->seen |= OFFSET | (*p == '-' ? WEST : 0);
    if (*p == 'Z') return p + 1;
    p = fixed(reader, p + 1, 2, &fields->zone_hours);
    if (!p) return NULL;
    Bytes after = fixed(reader, p + (p < end && *p == ':'), 2, &fields->zone_minutes);
    return after ? after : p;
}

static Bytes abbreviation(Reader *reader, Bytes p, Fields *fields)
{
    Bytes start = p;
    while (p < reader->end && is_letter(*p)) p++;
    if (p - start < 3) return NULL; /* AM and PM are no zones */
    const int32_t *value = value_of(&reader->zones, start, p);
    if (value) {
        fields->named_zone = *value;
        fields->seen |= ABBREVIATION;
    }
    return p;
}

static Bytes meridiem(const Reader *reader, Bytes p, Fields *fields)
{
    if (reader->end - p < 2 || (p[1] | 0x20) != 'm' || ((p[0] | 0x20) != 'a' && (p[0] | 0x20) != 'p')) return NULL;
    fields->seen |= MERIDIEM | ((p[0] | 0x20) == 'p' ? PM : 0);
    return p + 2;
}

/* A number, maybe with a fraction and an exponent. */
static Bytes count(const Reader *reader, Bytes p, uint8_t directive, Fields *fields)
{
    Bytes start = p, end = reader->end;
    p = digits_end(reader, p);
    if (p == start) return NULL;
    if (end - p >= 2 && *p == '.' && is_digit(p[1])) p = digits_end(reader, p + 1);
    if (p < end && (*p | 0x20) == 'e') {
        Place power;
        Bytes digits = p + 1 + (end - p >= 2 && (p[1] == '-' || p[1] == '+'));
        Bytes after = fixed(reader, digits, 2, &power);
        if (!after) after = fixed(reader, digits, 1, &power);
        if (after) p = after;
    }
    fields->alone_as = directive;
    return place(reader, start, p, &fields->alone);
}

#define TAI64N_BYTES 24

static Bytes tai64n(const Reader *reader, Bytes p, Fields *fields)
{
    if (reader->end - p < TAI64N_BYTES) return NULL;
    for (int i = 0; i < TAI64N_BYTES; i++) {
        if (!is_digit(p[i]) && (uint8_t)((p[i] | 0x20) - 'a') >= 6) return NULL;
    }
    fields->alone_as = 't';
    return place(reader, p, p + TAI64N_BYTES, &fields->alone);
}

static Bytes part(Reader *reader, uint8_t directive, uint8_t next, Bytes p, Fields *fields)
{
    Bytes unused;
    switch (directive) {
    case 'Y': fields->seen |= YEAR; return fixed(reader, p, 4, &fields->year);
    case 'y': fields->seen |= YEAR; return fixed(reader, p, 2, &fields->year);
    case 'm': fields->seen |= DATE; return short_number(reader, p, &fields->month);
    case 'd': fields->seen |= DATE; return short_number(reader, p, &fields->day);
    case 'b': fields->seen |= DATE; return month_name(reader, p, next, fields);
    case 'a': return word(reader, p, next, &unused);
    case 'H': return short_number(reader, p, &fields->hour);
    case 'I': fields->seen |= TWELVE; return short_number(reader, p, &fields->hour);
    case 'p': return meridiem(reader, p, fields);
    case 'M': return short_number(reader, p, &fields->minute);
    case 'S': return short_number(reader, p, &fields->second);
    case 'f': return fraction(reader, p, fields);
    case 'z': return offset(reader, p, fields);
    case 'Z': return abbreviation(reader, p, fields);
    case 's': case 'L': case 'i': case 'N': case 'Q': return count(reader, p, directive, fields);
    case 't': return tai64n(reader, p, fields);
    default: return NULL;
    }
}

/* What the layout says up to its end, or up to the end of an alternative. */
static Bytes parts(Reader *reader, Bytes spec, Bytes p, Fields *fields)
{
    while (p && *spec && *spec != '|' && *spec != ']' && *spec != '[') {
        if (*spec == '%') {
            if (!spec[1]) return NULL;
            p = part(reader, spec[1], spec[2], p, fields);
            spec += 2;
        } else if (*spec == ' ') {
            p = blanks(p, reader->end);
            spec++;
        } else {
            p = p < reader->end && *p == *spec ? p + 1 : NULL;
            spec++;
        }
    }
    return p;
}

/* Whether the layout fits the whole text. */
static int fits(Reader *reader, Bytes spec, Fields *fields)
{
    Bytes p = reader->begin;
    for (;;) {
        p = parts(reader, spec, p, fields);
        if (!p) return 0;
        while (*spec && *spec != '[') spec++;
        if (!*spec) return p == reader->end;
        int is_found = 0;
        do {
            spec++;
            if (!is_found) {
                Fields before = *fields;
                Bytes after = parts(reader, spec, p, fields);
                is_found = after != NULL;
                if (is_found) p = after;
                else *fields = before;
            }
            while (*spec && *spec != '|' && *spec != ']') spec++;
        } while (*spec == '|');
        if (*spec) spec++;
    }
}
