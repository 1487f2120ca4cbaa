/* How amounts are written: what a run declares, nothing is guessed. */
#ifndef STRATA_INGEST_AMOUNT_FORMAT_H
#define STRATA_INGEST_AMOUNT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum strata_amount_style {
    STRATA_AMOUNT_PLAIN,         /* 1234.50 */
    STRATA_AMOUNT_GROUPED_POINT, /* also 1,234.50 */
    STRATA_AMOUNT_GROUPED_COMMA, /* 1234,50 and 1.234,50 */
};

struct strata_amount_format {
    int decimals; /* that are kept: 0..STRATA_AMOUNT_DECIMALS_MAX */
    bool rounds_half_even;
    enum strata_amount_style style;
    bool has_signs; /* currency signs and codes, trailing minus, parentheses */
};

/* STRATA_AMOUNT_DECIMALS_DEFAULT decimals, plain, exact. */
extern const struct strata_amount_format strata_amount_format_default;

/* Currencies as bits. A sign that several have (a dollar, a yen or yuan) rules out the others; amounts whose signs
 * together rule out all are of several currencies. */
#define STRATA_CURRENCIES_ALL UINT64_MAX

/* Bytes of a number that may need rewriting; longer ones are no numbers. */
enum { STRATA_AMOUNT_TEXT_BYTES = 256 };

/* Rewrite a number as strata_decimal_parse takes it: [-] digits [. digits], into `out`. Blanks at the ends are the
 * caller's to trim.
 *
 * Grouped styles: group marks are the other of comma and point, blanks (also U+00A0, U+2009, U+202F) and apostrophes
 * (also U+2019); one kind in a number, between exact threes; a number with marks does not begin with 0.
 * Signs, each at most once: one minus or plus in front (also U+2212) or one minus behind or parentheses around; where
 * `ruled_out` is given one currency sign or code before or after, and it collects what that rules out. Blanks may stand
 * between them. False if the text is something else. */
bool strata_amount_rewrite(const struct strata_amount_format *format, const char *text, size_t n,
                           char out[STRATA_AMOUNT_TEXT_BYTES], size_t *n_out, uint64_t *ruled_out);

#endif
