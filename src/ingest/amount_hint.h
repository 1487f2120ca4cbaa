/* Which declarations would make a number of a text that is none as the run declares its numbers: what a message names,
 * never what is done. */
#ifndef STRATA_INGEST_AMOUNT_HINT_H
#define STRATA_INGEST_AMOUNT_HINT_H

#include "amount_format.h"

/* X(NAME, message) */
#define STRATA_AMOUNT_HINTS(X)                                                                                         \
    X(NONE, "")                                                                                                        \
    X(SIGNS, "--amount-signs")                                                                                         \
    X(POINT, "--amount-style grouped-point")                                                                           \
    X(COMMA, "--amount-style grouped-comma")                                                                           \
    X(EITHER, "--amount-style grouped-point or grouped-comma")                                                         \
    X(DIFFERENT, "--amount-style grouped-point, and another with grouped-comma")                                       \
    X(SIGNS_POINT, "--amount-signs --amount-style grouped-point")                                                      \
    X(SIGNS_COMMA, "--amount-signs --amount-style grouped-comma")                                                      \
    X(SIGNS_EITHER, "--amount-signs --amount-style grouped-point or grouped-comma")                                    \
    X(SIGNS_DIFFERENT, "--amount-signs --amount-style grouped-point, and another with grouped-comma")

enum strata_amount_hint {
#define STRATA_AMOUNT_HINT_ENUM(name, text) STRATA_AMOUNT_HINT_##name,
    STRATA_AMOUNT_HINTS(STRATA_AMOUNT_HINT_ENUM)
#undef STRATA_AMOUNT_HINT_ENUM
};

/* Of n bytes without blanks at their ends, which are no number by `format`. Styles are tried where it has none, signs
 * where it takes none, currencies where `may_have_currency`; what is declared is kept, and no more is named than is
 * needed. EITHER: both styles read the same number (1'000); DIFFERENT: each reads another one (1,000). */
enum strata_amount_hint strata_amount_hint_find(const struct strata_amount_format *format, const char *text, size_t n,
                                                bool may_have_currency);

/* "--amount-style grouped-point": it is a number with ... */
const char *strata_amount_hint_text(enum strata_amount_hint hint);

#endif
