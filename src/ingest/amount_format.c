#include "amount_format.h"

#include <string.h>

#include "amount.h"
#include "currency.h"
#include "digits.h"
#include "record.h"

const struct strata_amount_format strata_amount_format_default = {.decimals = STRATA_AMOUNT_DECIMALS_DEFAULT};

/* The characters that may stand between groups of three; marks of one kind go together. */
enum group_mark { NO_MARK, COMMA, POINT, BLANK, APOSTROPHE };
static const struct {
    const char *text;
    size_t n;
    enum group_mark mark;
} group_marks[] = {
    {",", 1, COMMA},
    {".", 1, POINT},
    {" ", 1, BLANK},
    {"\xc2\xa0", 2, BLANK},     /* U+00A0 no-break space */
    {"\xe2\x80\x89", 3, BLANK}, /* U+2009 thin space */
    {"\xe2\x80\xaf", 3, BLANK}, /* U+202F narrow no-break space */
    {"'", 1, APOSTROPHE},
    {"\xe2\x80\x99", 3, APOSTROPHE}, /* U+2019 right single quotation mark */
};
enum { N_GROUP_MARKS = sizeof group_marks / sizeof group_marks[0] };

static bool begins_with(struct strata_field field, const char *text, size_t n)
{
    return field.n >= n && memcmp(field.text, text, n) == 0;
}

static bool ends_with(struct strata_field field, const char *text, size_t n)
{
    return field.n >= n && memcmp(field.text + field.n - n, text, n) == 0;
}

static struct strata_field without_front(struct strata_field field, size_t n)
{
    return (struct strata_field){field.text + n, field.n - n};
}

static struct strata_field without_back(struct strata_field field, size_t n)
{
    return (struct strata_field){field.text, field.n - n};
}

static struct strata_field trim_blanks(struct strata_field field)
{
    for (int i = 0; i < N_GROUP_MARKS;) {
        bool is_blank = group_marks[i].mark == BLANK;
        if (is_blank && begins_with(field, group_marks[i].text, group_marks[i].n))
            field = without_front(field, group_marks[i].n);
        else if (is_blank && ends_with(field, group_marks[i].text, group_marks[i].n))
            field = without_back(field, group_marks[i].n);
        else {
            ++i;
            continue;
        }
        i = 0;
    }
    return field;
}

/* What has been taken off a number. */
struct signs {
    bool has_sign, is_negative, has_currency;
    uint64_t ruled_out;
};

/* A sign, parentheses or a minus behind. False if there is none. */
static bool take_sign(struct strata_field *number, struct signs *signs)
{
    static const char minus[] = "\xe2\x88\x92"; /* U+2212 */
    if (begins_with(*number, "-", 1) || begins_with(*number, "+", 1)) {
        signs->is_negative = number->text[0] == '-';
        *number = without_front(*number, 1);
    } else if (begins_with(*number, minus, 3)) {
        signs->is_negative = true;
        *number = without_front(*number, 3);
    } else if (ends_with(*number, "-", 1)) {
        signs->is_negative = true;
        *number = without_back(*number, 1);
    } else if (number->n >= 2 && number->text[0] == '(' && number->text[number->n - 1] == ')') {
        signs->is_negative = true;
        *number = without_back(without_front(*number, 1), 1);
    } else
        return false;
    return true;
}

/* A currency's sign or code at either end. False if there is none. */
static bool take_currency(struct strata_field *number, struct signs *signs)
{
    size_t n = strata_currency_in_front(number->text, number->n, &signs->ruled_out);
    if (n) {
        *number = without_front(*number, n);
        return true;
    }
    n = strata_currency_behind(number->text, number->n, &signs->ruled_out);
    *number = without_back(*number, n);
    return n > 0;
}

/* The digits and their marks that remain when all signs are off. */
static struct strata_field take_signs(struct strata_field number, bool may_have_currency, struct signs *signs)
{
    for (;;) {
        number = trim_blanks(number);
        if (!signs->has_sign && take_sign(&number, signs))
            signs->has_sign = true;
        else if (may_have_currency && !signs->has_currency && take_currency(&number, signs))
            signs->has_currency = true;
        else
            return number;
    }
}

/* The group mark that the text begins with and its length; decimal marks are none. */
static enum group_mark group_mark_at(struct strata_field text, enum strata_amount_style style, size_t *n)
{
    enum group_mark decimal_mark = style == STRATA_AMOUNT_GROUPED_COMMA ? COMMA : POINT;
    for (int i = 0; style != STRATA_AMOUNT_PLAIN && i < N_GROUP_MARKS; ++i)
        if (group_marks[i].mark != decimal_mark && begins_with(text, group_marks[i].text, group_marks[i].n)) {
            *n = group_marks[i].n;
            return group_marks[i].mark;
        }
    return NO_MARK;
}

/* The digits before the decimal mark without group marks, to `out`. False if the groups are not as they must be. */
static bool copy_whole(struct strata_field *number, enum strata_amount_style style, char *out, size_t *n_out)
{
    enum { GROUP_DIGITS = 3 };
    size_t n = strata_count_digits(number->text, number->n), n_mark;
    enum group_mark first_mark = group_mark_at(without_front(*number, n), style, &n_mark), mark = first_mark;
    if (first_mark != NO_MARK && (n == 0 || n > GROUP_DIGITS || number->text[0] == '0'))
        return false;
    memcpy(out + *n_out, number->text, n);
    *n_out += n;
    *number = without_front(*number, n);
    while (mark != NO_MARK) {
        *number = without_front(*number, n_mark);
        if (mark != first_mark || strata_count_digits(number->text, number->n) != GROUP_DIGITS)
            return false;
        memcpy(out + *n_out, number->text, GROUP_DIGITS);
        *n_out += GROUP_DIGITS;
        *number = without_front(*number, GROUP_DIGITS);
        mark = group_mark_at(*number, style, &n_mark);
    }
    return true;
}

bool strata_amount_rewrite(const struct strata_amount_format *format, const char *text, size_t n,
                           char out[STRATA_AMOUNT_TEXT_BYTES], size_t *n_out, uint64_t *ruled_out)
{
    struct strata_field number = {text, n};
    struct signs signs = {0};
    *n_out = 0;
    if (n >= STRATA_AMOUNT_TEXT_BYTES)
        return false;
    if (format->has_signs)
        number = take_signs(number, ruled_out != NULL, &signs);
    else if (n && (text[0] == '-' || text[0] == '+')) {
        signs.is_negative = text[0] == '-';
        number = without_front(number, 1);
    }
    if (signs.is_negative)
        out[(*n_out)++] = '-';
    if (!copy_whole(&number, format->style, out, n_out))
        return false;
    if (number.n && number.text[0] == (format->style == STRATA_AMOUNT_GROUPED_COMMA ? ',' : '.')) {
        out[(*n_out)++] = '.';
        number = without_front(number, 1);
        if (strata_count_digits(number.text, number.n) < number.n)
            return false;
        memcpy(out + *n_out, number.text, number.n);
        *n_out += number.n;
        number.n = 0;
    }
    if (number.n || *n_out == 0)
        return false;
    if (ruled_out)
        *ruled_out |= signs.ruled_out;
    return true;
}
