/* What the fields of a timestamp say: a part of _times.c. */
#include "_times_fields.h"

enum { UNREADABLE, ABSOLUTE, LOCAL, YEARLESS, TIME_ONLY, OUT_OF_RANGE };

#define NO_TIME INT64_MIN
#define SECOND INT64_C(1000000000)
#define TAI_1970 ((UINT64_C(1) << 62) + 10)
#define LEAP_YEAR 2000

/* NO_TIME where int64 cannot hold the sum. */
static int64_t nanoseconds(int64_t seconds, int64_t fraction)
{
    if (seconds > INT64_MIN / SECOND && seconds < INT64_MAX / SECOND) return seconds * SECOND + fraction;
    if (seconds < 0) { /* towards zero, so that the product fits wherever the sum does */
        seconds++;
        fraction -= SECOND;
    }
    if (seconds > INT64_MAX / SECOND || seconds < INT64_MIN / SECOND) return NO_TIME;
    seconds *= SECOND;
    if (fraction > 0 ? seconds > INT64_MAX - fraction : seconds < INT64_MIN - fraction) return NO_TIME;
    return seconds + fraction;
}

/* Of up to four digits, of which the first may be a blank. */
static inline int number(Bytes text, Place place)
{
    Bytes p = text + place.at;
    if (place.width == 2) return (p[0] & 15) * 10 + (p[1] & 15);
    if (place.width == 4) return (p[0] & 15) * 1000 + (p[1] & 15) * 100 + (p[2] & 15) * 10 + (p[3] & 15);
    return place.width ? *p & 15 : 0;
}

static int64_t fraction_ns(Bytes text, Place place, int is_count)
{
    static const int64_t units[] = {SECOND, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    Bytes p = text + place.at;
    if (place.width == 3) return ((p[0] & 15) * 100 + (p[1] & 15) * 10 + (p[2] & 15)) * INT64_C(1000000);
    int64_t value = 0;
    int width = place.width < 9 ? place.width : 9;
    for (int i = 0; i < width; i++) value = value * 10 + (p[i] & 15);
    return value * units[is_count ? 3 : width];
}

static int count_ns(Bytes p, Bytes end, uint8_t unit, int64_t *time)
{
    Bytes mark = p, digits_end = p;
    while (mark < end && is_digit(*mark)) mark++;
    int point = (int)(mark - p), power = 0;
    while (digits_end < end && (*digits_end | 0x20) != 'e') digits_end++;
    if (digits_end < end) {
        for (Bytes at = digits_end + 1; at < end; at++) power = is_digit(*at) ? (power * 10 + *at - '0') % 100 : 0;
        point += digits_end + 1 < end && digits_end[1] == '-' ? -power : power;
    }
    if (unit == 'Q' && point < 9) return UNREADABLE;
    int by_length = point <= 11 ? 9 : point <= 14 ? 6 : point <= 17 ? 3 : 0;
    int scale = unit == 's' ? 9 : unit == 'L' ? 6 : unit == 'i' ? 3 : unit == 'N' ? 0 : by_length;
    int64_t value = 0;
    for (int left = point + scale; left > 0; left--) {
        if (p < digits_end && *p == '.') p++;
        int64_t digit = p < digits_end ? *p++ & 15 : 0;
        if (value > INT64_MAX / 10 || (value == INT64_MAX / 10 && digit > INT64_MAX % 10)) return OUT_OF_RANGE;
        value = value * 10 + digit;
    }
    *time = value;
    return ABSOLUTE;
}

static int tai64n_ns(Bytes p, int64_t *time)
{
    uint64_t halves[2] = {0, 0};
    for (int i = 0; i < TAI64N_BYTES; i++) {
        halves[i / 16] = halves[i / 16] << 4 | (uint64_t)((p[i] & 15) + (is_digit(p[i]) ? 0 : 9));
    }
    if (halves[1] >= (uint64_t)SECOND) return UNREADABLE;
    *time = halves[0] >> 63 ? NO_TIME : nanoseconds((int64_t)(halves[0] - TAI_1970), (int64_t)halves[1]);
    return *time == NO_TIME ? OUT_OF_RANGE : ABSOLUTE;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01; the year is counted from March, so that the leap day comes last. */
static int64_t days_since_epoch(int year, int month, int day)
{
    int y = year - (month <= 2);
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return 365 * (int64_t)y + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

/* A day that was worked out: the next row's is mostly the same. */
typedef struct {
    int year, month, day;
    int64_t seconds;
} Day;

/* UNREADABLE where there is no such day. */
static int find_day(Day *known, int year, int month, int day)
{
    if (day == known->day && month == known->month && year == known->year) return LOCAL;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return UNREADABLE;
    if (year < 1677 || year > 2262) return OUT_OF_RANGE;
    *known = (Day){year, month, day, days_since_epoch(year, month, day) * 86400};
    return LOCAL;
}

/* The kind, and the time if it is a readable one. */
static int reading(const Fields *f, Bytes text, Day *known_day, int64_t *time)
{
    if (f->alone_as == 't') return tai64n_ns(text + f->alone.at, time);
    if (f->alone_as) return count_ns(text + f->alone.at, text + f->alone.at + f->alone.width, f->alone_as, time);
    int hour = number(text, f->hour), minute = number(text, f->minute), second = number(text, f->second);
    int zone = f->named_zone, kind = TIME_ONLY;
    if (f->seen & OFFSET) {
        int hours = number(text, f->zone_hours), minutes = number(text, f->zone_minutes);
        if (hours > 23 || minutes > 59) return UNREADABLE;
        zone = (hours * 3600 + minutes * 60) * (f->seen & WEST ? -1 : 1);
    }
    if (f->seen & TWELVE) {
        if (hour < 1 || hour > 12) return UNREADABLE;
        if (f->seen & MERIDIEM) hour = hour % 12 + (f->seen & PM ? 12 : 0);
    }
    if (hour > 23 || minute > 59 || second > 60) return UNREADABLE;
    int64_t seconds = hour * 3600 + minute * 60 + second;
    if (f->seen & (YEAR | DATE)) {
        int year = f->seen & YEAR ? number(text, f->year) : LEAP_YEAR;
        int month = f->named_month ? f->named_month : number(text, f->month), day = number(text, f->day);
        if (f->year.width == 2) year += year < 69 ? 2000 : 1900;
        kind = find_day(known_day, year, month, day);
        if (kind != LOCAL) return kind;
        seconds += known_day->seconds;
        kind = !(f->seen & YEAR) ? YEARLESS : f->seen & (OFFSET | ABBREVIATION) ? ABSOLUTE : LOCAL;
    }
    if (kind == ABSOLUTE) seconds -= zone;
    *time = nanoseconds(seconds, second == 60 ? 0 : fraction_ns(text, f->fraction, f->seen & MILLISECONDS));
    return *time == NO_TIME ? OUT_OF_RANGE : kind;
}
