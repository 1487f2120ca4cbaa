/* How a file of delimited text is written. */
#ifndef STRATA_INGEST_DIALECT_H
#define STRATA_INGEST_DIALECT_H

#include <stdbool.h>

/* X(NAME, word in options, byte) */
#define STRATA_DELIMITERS(X)                                                                                           \
    X(COMMA, "comma", ',')                                                                                             \
    X(SEMICOLON, "semicolon", ';')                                                                                     \
    X(TAB, "tab", '\t')                                                                                                \
    X(PIPE, "pipe", '|')                                                                                               \
    X(SPACE, "space", ' ')

enum strata_delimiter {
    STRATA_DELIMITER_AUTO,
#define STRATA_DELIMITER_ENUM(name, word, byte) STRATA_DELIMITER_##name,
    STRATA_DELIMITERS(STRATA_DELIMITER_ENUM)
#undef STRATA_DELIMITER_ENUM
        STRATA_N_DELIMITERS,
};

enum strata_header { STRATA_HEADER_AUTO, STRATA_HEADER_YES, STRATA_HEADER_NO };

/* What a column of the input can mean. X(NAME, option) */
#define STRATA_ROLES(X)                                                                                                \
    X(CUSTOMER, "customer")                                                                                            \
    X(TIME, "time")                                                                                                    \
    X(AMOUNT, "amount")                                                                                                \
    X(ORDER, "order")                                                                                                  \
    X(QUANTITY, "quantity")                                                                                            \
    X(UNIT_PRICE, "unit-price")                                                                                        \
    X(CHANNEL, "channel")                                                                                              \
    X(CATEGORY, "category")

enum strata_role {
#define STRATA_ROLE_ENUM(name, option) STRATA_ROLE_##name,
    STRATA_ROLES(STRATA_ROLE_ENUM)
#undef STRATA_ROLE_ENUM
        STRATA_N_ROLES,
};

/* The delimiter's byte and its word; the flag of a role without dashes. */
char strata_delimiter_byte(enum strata_delimiter delimiter);
const char *strata_delimiter_word(enum strata_delimiter delimiter);
const char *strata_role_option(enum strata_role role);

/* Is `name` (n bytes of a header) a usual name of this role, in English or Chinese? Case, blanks and punctuation do not
 * matter. */
bool strata_role_recognises(enum strata_role role, const char *name, unsigned n);

/* The bytes of a record, as the parsers see it. With the delimiter SPACE, runs of blanks separate fields and blanks at
 * the ends of a record mean nothing. */
struct strata_dialect {
    char delimiter;
    bool merges; /* runs of the delimiter are one */
};

#endif
