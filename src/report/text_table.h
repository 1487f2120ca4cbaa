/* Cells of a table for a terminal: a name on the left, numbers right-aligned. */
#ifndef STRATA_REPORT_TEXT_TABLE_H
#define STRATA_REPORT_TEXT_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

enum { STRATA_CELL_BYTES = 256, STRATA_CELL_COLUMNS = 48 };

struct strata_cell {
    char text[STRATA_CELL_BYTES];
    size_t columns; /* of the terminal */
};

/* 1,234,567 */
void strata_cell_set_count(struct strata_cell *cell, uint64_t count);

/* A number with some decimals and grouped thousands; "-" for NaN and what is beyond 10^18. */
void strata_cell_set_real(struct strata_cell *cell, double value, int decimals);

/* 12.3% */
void strata_cell_set_share(struct strata_cell *cell, double share);

/* A text, cut to STRATA_CELL_COLUMNS; nothing in it steers the terminal. */
void strata_cell_set_text(struct strata_cell *cell, const char *text);

/* n_lines x n_fields cells (row-major) as aligned lines, each ending in a newline, without blanks at its end.
 * `*text` is for free(). */
enum strata_status strata_text_table_print(const struct strata_cell *cells, size_t n_lines, size_t n_fields,
                                           char **text, struct strata_error *err) STRATA_MUST_USE;

/* Digits of `whole` in threes into `out`, which has room. Returns the bytes written. */
size_t strata_put_grouped(char *out, uint64_t whole);

#endif
