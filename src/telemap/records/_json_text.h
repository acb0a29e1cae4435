/* What JSON strings stand for. The text of a string is never longer than what is between its quotes. */

static uint8_t *encode(uint8_t *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (uint8_t)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (uint8_t)(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        *out++ = (uint8_t)(0xE0 | code >> 12);
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    } else {
        *out++ = (uint8_t)(0xF0 | code >> 18);
        *out++ = (uint8_t)(0x80 | (code >> 12 & 0x3F));
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    }
    *out++ = (uint8_t)(0x80 | (code & 0x3F));
    return out;
}

static inline int is_high(int32_t unit) { return (unit & ~0x3FF) == 0xD800; }
static inline int is_low(int32_t unit) { return (unit & ~0x3FF) == 0xDC00; }

/* Puts what the escape at p stands for, or the backslash alone where it is none; what follows it. */
static Bytes put_escape(uint8_t **out, Bytes p, Bytes end)
{
    const char *simple = end - p > 1 ? memchr(ESCAPES, p[1], sizeof ESCAPES) : NULL;
    if (simple) {
        *(*out)++ = (uint8_t)ESCAPED[simple - ESCAPES];
        return p + 2;
    }
    int32_t unit = code_unit(p, end), low;
    if (unit < 0) {
        *(*out)++ = '\\';
        return p + 1;
    }
    p += 6;
    if (is_high(unit) && is_low(low = code_unit(p, end))) {
        unit = 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF));
        p += 6;
    }
    *out = encode(*out, is_high(unit) || is_low(unit) ? 0xFFFD : (uint32_t)unit);
    return p;
}

/* Puts what the text between p and end stands for; where it ends. */
static uint8_t *put_unescaped(uint8_t *out, Bytes p, Bytes end)
{
    while (p < end) {
        Bytes mark = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((mark ? mark : end) - p);
        memcpy(out, p, plain);
        out += plain;
        p = mark ? put_escape(&out, mark, end) : end;
    }
    return out;
}
