/* Bad rows: where each is and why it is bad. */
#ifndef STRATA_INGEST_REJECTS_H
#define STRATA_INGEST_REJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

/* X(NAME, text) */
#define STRATA_REJECT_REASONS(X)                                                                                       \
    X(FIELD_COUNT, "not as many fields as the first row")                                                              \
    X(QUOTE_IN_FIELD, "a quote inside a field that does not begin with one")                                           \
    X(TEXT_AFTER_QUOTE, "text after the closing quote of a field")                                                     \
    X(CUSTOMER_EMPTY, "customer id is empty")                                                                          \
    X(CUSTOMER_NUL, "customer id contains a NUL byte")                                                                 \
    X(CUSTOMER_UTF8, "customer id is not valid UTF-8")                                                                 \
    X(ORDER_EMPTY, "order id is empty")                                                                                \
    X(FIELD_TOO_LONG, "field longer than 4096 bytes")                                                                  \
    X(TIME_EMPTY, "time is empty")                                                                                     \
    X(TIME_MALFORMED, "not in the layout of the file's times")                                                         \
    X(TIME_IMPOSSIBLE, "no such date or time of day")                                                                  \
    X(TIME_RANGE, "year not between 1 and 9999")                                                                       \
    X(NUMBER_EMPTY, "number is empty")                                                                                 \
    X(NUMBER_MALFORMED, "not a number")                                                                                \
    X(NUMBER_DECIMALS, "more decimals than are kept")                                                                  \
    X(NUMBER_RANGE, "number out of range")                                                                             \
    X(FACTOR_DIGITS, "more digits than can be multiplied exactly (18)")                                                \
    X(PRODUCT_DECIMALS, "quantity x unit price has more decimals than are kept")                                       \
    X(PRODUCT_RANGE, "quantity x unit price is out of range")

enum strata_reject_reason {
#define STRATA_REJECT_ENUM(name, text) STRATA_REJECT_##name,
    STRATA_REJECT_REASONS(STRATA_REJECT_ENUM)
#undef STRATA_REJECT_ENUM
};

/* STRATA_REJECTS_NAMED: how many bad rows the message of a run names that they reject. */
enum { STRATA_REJECT_VALUE_BYTES = 26, STRATA_REJECTS_NAMED = 10 };

struct strata_reject {
    uint64_t line;   /* of the row's first byte, from 1; of typed columns the row's number, from 1 */
    uint64_t byte;   /* of the row's first byte, from 0; of typed columns 0 */
    uint32_t origin; /* input file */
    uint16_t column; /* from 1; 0: the row as a whole */
    uint8_t reason;  /* enum strata_reject_reason */
    uint8_t n_value;
    uint8_t decimals;                      /* that are kept of amounts: part of some reasons */
    uint8_t hint;                          /* enum strata_amount_hint, of what is not a number */
    char value[STRATA_REJECT_VALUE_BYTES]; /* the start of the bad field; never of a customer id */
};

/* Without what depends on the row. */
const char *strata_reject_reason_text(enum strata_reject_reason reason);

/* Growing list. `{0}` is empty. */
struct strata_rejects {
    size_t n, capacity;
    struct strata_reject *reject;
};

void strata_rejects_release(struct strata_rejects *rejects);
enum strata_status strata_rejects_add(struct strata_rejects *rejects, const struct strata_reject *reject,
                                      struct strata_error *err) STRATA_MUST_USE;

/* How many bad rows are kept, by all threads together. */
struct strata_reject_rule {
    bool all;              /* all of them, else the first STRATA_REJECTS_NAMED of each file and thread */
    uint64_t max;          /* with all: more reject the run, which needs no more of them then */
    uint64_t memory_bytes; /* that they may take; 0: no limit */
    uint64_t n;            /* kept so far; atomic */
};

/* The same for a bad row of a file, of which n_kept were added before, as far as the rule wants it. STRATA_MEMORY where
 * there are more than the rule has memory for. */
enum strata_status strata_rejects_keep(struct strata_rejects *rejects, size_t *n_kept, struct strata_reject_rule *rule,
                                       const struct strata_reject *reject, struct strata_error *err) STRATA_MUST_USE;

/* Move all of `part` to the end of `rejects`. */
enum strata_status strata_rejects_append(struct strata_rejects *rejects, struct strata_rejects *part,
                                         struct strata_error *err) STRATA_MUST_USE;

/* By file, byte and line. */
void strata_rejects_sort(struct strata_rejects *rejects);

/* "not a number: '12x'" into out, printable and cut where needed; with what would make it one, if anything does:
 * "not a number: '1,234.50' (it is one with --amount-style grouped-point)". */
void strata_reject_describe(const struct strata_reject *reject, char *out, size_t capacity);

#endif
