#include "amount_hint.h"

#include <string.h>

static const char *const texts[] = {
#define STRATA_AMOUNT_HINT_TEXT(name, text) [STRATA_AMOUNT_HINT_##name] = text,
    STRATA_AMOUNT_HINTS(STRATA_AMOUNT_HINT_TEXT)
#undef STRATA_AMOUNT_HINT_TEXT
};

const char *strata_amount_hint_text(enum strata_amount_hint hint) { return texts[hint]; }

/* What a style makes of the text. */
struct reading {
    bool is_number;
    size_t n;
    char plain[STRATA_AMOUNT_TEXT_BYTES];
};

static struct reading read_by(struct strata_amount_format format, enum strata_amount_style style, const char *text,
                              size_t n, bool may_have_currency)
{
    struct reading reading;
    uint64_t ruled_out = 0;
    format.style = style;
    reading.is_number =
        strata_amount_rewrite(&format, text, n, reading.plain, &reading.n, may_have_currency ? &ruled_out : NULL);
    return reading;
}

/* The hint among the styles alone. */
static enum strata_amount_hint find_style(const struct strata_amount_format *format, const char *text, size_t n,
                                          bool may_have_currency)
{
    const struct reading point = read_by(*format, STRATA_AMOUNT_GROUPED_POINT, text, n, may_have_currency),
                         comma = read_by(*format, STRATA_AMOUNT_GROUPED_COMMA, text, n, may_have_currency);
    if (!point.is_number || !comma.is_number)
        return point.is_number   ? STRATA_AMOUNT_HINT_POINT
               : comma.is_number ? STRATA_AMOUNT_HINT_COMMA
                                 : STRATA_AMOUNT_HINT_NONE;
    bool is_same = point.n == comma.n && memcmp(point.plain, comma.plain, point.n) == 0;
    return is_same ? STRATA_AMOUNT_HINT_EITHER : STRATA_AMOUNT_HINT_DIFFERENT;
}

enum strata_amount_hint strata_amount_hint_find(const struct strata_amount_format *format, const char *text, size_t n,
                                                bool may_have_currency)
{
    static const enum strata_amount_hint with_signs[] = {
        [STRATA_AMOUNT_HINT_NONE] = STRATA_AMOUNT_HINT_NONE,
        [STRATA_AMOUNT_HINT_POINT] = STRATA_AMOUNT_HINT_SIGNS_POINT,
        [STRATA_AMOUNT_HINT_COMMA] = STRATA_AMOUNT_HINT_SIGNS_COMMA,
        [STRATA_AMOUNT_HINT_EITHER] = STRATA_AMOUNT_HINT_SIGNS_EITHER,
        [STRATA_AMOUNT_HINT_DIFFERENT] = STRATA_AMOUNT_HINT_SIGNS_DIFFERENT,
    };
    enum strata_amount_hint hint = STRATA_AMOUNT_HINT_NONE;
    bool has_style = format->style != STRATA_AMOUNT_PLAIN;
    if (!has_style)
        hint = find_style(format, text, n, may_have_currency);
    if (hint != STRATA_AMOUNT_HINT_NONE || format->has_signs)
        return hint;
    struct strata_amount_format signs = *format;
    signs.has_signs = true;
    if (read_by(signs, format->style, text, n, may_have_currency).is_number)
        return STRATA_AMOUNT_HINT_SIGNS;
    return has_style ? STRATA_AMOUNT_HINT_NONE : with_signs[find_style(&signs, text, n, may_have_currency)];
}
