/* JSON values: where each ends. All functions get where the line ends and, after it, where the data ends: they look at
 * nothing beyond the first and read nothing beyond the second.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef const uint8_t *Bytes;

#define MAX_NESTING 512

enum { STRING_VALUE, ESCAPED_VALUE, NUMBER_VALUE, TRUE_VALUE, FALSE_VALUE, NULL_VALUE, ARRAY_VALUE, OBJECT_VALUE,
       WHOLE_MEMBER };

#ifdef _MSC_VER
#include <intrin.h>
#define ALWAYS_INLINE __forceinline
static inline unsigned first_bit(uint64_t x) { unsigned long i; _BitScanForward64(&i, x); return i; }
#else
#define ALWAYS_INLINE inline __attribute__((always_inline))
static inline unsigned first_bit(uint64_t x) { return (unsigned)__builtin_ctzll(x); }
#endif

/* ---- Quotes and backslashes, eight bytes at a time (sixteen, with SSE2, are only a tenth faster on the whole) ---- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The high bit of each byte that is zero. */
static inline uint64_t zeros(uint64_t w) { return ~(((w & EACH(0x7f)) + EACH(0x7f)) | w) & EACH(0x80); }

/* The first quote or backslash at or after p; somewhere from `end` on where there is none before it. */
static ALWAYS_INLINE Bytes next_mark(Bytes p, Bytes end, Bytes limit)
{
    for (; p < end && limit - p >= 8; p += 8) {
        uint64_t w, found;
        memcpy(&w, p, 8);
        found = zeros(w ^ EACH('"')) | zeros(w ^ EACH('\\'));
        if (found) return p + (first_bit(found) >> 3);
    }
    while (p < end && *p != '"' && *p != '\\') p++;
    return p;
}

/* ---- Scalars ---- */

static ALWAYS_INLINE Bytes blanks(Bytes p, Bytes end)
{
    while (p < end && *p <= ' ' && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
    return p;
}

static inline int is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

static inline int hex_digit(uint8_t c)
{
    if (is_digit(c)) return c - '0';
    c = (uint8_t)((c | 0x20) - 'a');
    return c < 6 ? c + 10 : -1;
}

/* The number that the four digits of \uXXXX at p stand for; -1 where it is not that. */
static int32_t code_unit(Bytes p, Bytes end)
{
    int32_t unit = 0;
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static const char ESCAPES[] = {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'};
static const char ESCAPED[] = {'"', '\\', '/', '\b', '\f', '\n', '\r', '\t'};

/* After the escape at p; NULL where it is none. */
static Bytes escape_end(Bytes p, Bytes end)
{
    if (end - p < 2) return NULL;
    if (memchr(ESCAPES, p[1], sizeof ESCAPES)) return p + 2;
    return code_unit(p, end) < 0 ? NULL : p + 6;
}

/* The quote that closes the string whose text begins at p; NULL where there is none or an escape is bad. */
static ALWAYS_INLINE Bytes string_end(Bytes p, Bytes end, Bytes limit, int *escaped)
{
    *escaped = 0;
    while (p && (p = next_mark(p, end, limit)) < end) {
        if (*p == '"') return p;
        *escaped = 1;
        p = escape_end(p, end);
    }
    return NULL;
}

static inline Bytes digits_end(Bytes p, Bytes end)
{
    while (p < end && is_digit(*p)) p++;
    return p;
}

static ALWAYS_INLINE Bytes word_end(Bytes p, Bytes end, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(end - p) >= length && !memcmp(p, word, length) ? p + length : NULL;
}

static ALWAYS_INLINE Bytes number_end(Bytes p, Bytes end)
{
    Bytes first = *p == '-' ? p + 1 : p, next = digits_end(first, end);
    if (next == first) return *p == 'N' ? word_end(p, end, "NaN") : word_end(first, end, "Infinity");
    if (*first == '0' && next - first > 1) return NULL;
    if (next < end && *next == '.') {
        first = next + 1;
        next = digits_end(first, end);
        if (next == first) return NULL;
    }
    if (next < end && (*next | 0x20) == 'e') {
        first = next + 1;
        if (first < end && (*first == '+' || *first == '-')) first++;
        next = digits_end(first, end);
        if (next == first) return NULL;
    }
    return next;
}

/* After the value at p < end, which is neither array nor object; NULL where it is no value. */
static ALWAYS_INLINE Bytes scalar_end(Bytes p, Bytes end, Bytes limit, uint32_t *kind)
{
    int escaped;
    switch (*p) {
    case '"':
        p = string_end(p + 1, end, limit, &escaped);
        *kind = escaped ? ESCAPED_VALUE : STRING_VALUE;
        return p ? p + 1 : NULL;
    case 't': *kind = TRUE_VALUE; return word_end(p, end, "true");
    case 'f': *kind = FALSE_VALUE; return word_end(p, end, "false");
    case 'n': *kind = NULL_VALUE; return word_end(p, end, "null");
    default: *kind = NUMBER_VALUE; return number_end(p, end);
    }
}

/* ---- Containers ---- */

/* After the key at p and the colon; NULL where they are not. */
static Bytes after_key(Bytes p, Bytes end, Bytes limit)
{
    int escaped;
    if (p == end || *p != '"') return NULL;
    p = string_end(p + 1, end, limit, &escaped);
    if (!p) return NULL;
    p = blanks(p + 1, end);
    return p < end && *p == ':' ? blanks(p + 1, end) : NULL;
}

/* After the array or object at p, inside `depth` others; NULL where it is none or nests too deeply. Without recursion,
   so that no line can exhaust the stack. */
static Bytes container_end(Bytes p, Bytes end, Bytes limit, int depth)
{
    uint8_t closers[MAX_NESTING + 1];
    uint32_t kind;
    int level = depth;
    for (;;) {
        if (p == end) return NULL;
        if (*p == '[' || *p == '{') {
            if (level == MAX_NESTING) return NULL;
            closers[++level] = *p + 2; /* ']' and '}' both come two after */
            p = blanks(p + 1, end);
            if (p == end) return NULL;
            if (*p != closers[level]) {
                if (closers[level] == '}' && !(p = after_key(p, end, limit))) return NULL;
                continue;
            }
        } else {
            p = scalar_end(p, end, limit, &kind);
            if (!p) return NULL;
            p = blanks(p, end);
        }
        for (; p < end && *p == closers[level]; p = blanks(p, end)) {
            p++;
            if (--level == depth) return p;
        }
        if (p == end || *p != ',') return NULL;
        p = blanks(p + 1, end);
        if (closers[level] == '}' && !(p = after_key(p, end, limit))) return NULL;
    }
}
