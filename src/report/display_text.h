/* Texts as a terminal shows them: columns taken, and nothing that could steer it. */
#ifndef STRATA_REPORT_DISPLAY_TEXT_H
#define STRATA_REPORT_DISPLAY_TEXT_H

#include <stddef.h>

/* Columns that one character takes: 0 combining, 2 East Asian wide and emoji (Unicode UAX #11), else 1; -1 for what
 * must not reach a terminal: control characters and changes of direction. */
int strata_code_point_width(unsigned code_point);

/* Copy UTF-8 text up to `max_columns` columns into `out` of `capacity` bytes, always terminated; a longer text ends in
 * "...". Invalid bytes and characters of width -1 become '?'. Returns the columns taken. */
size_t strata_display_text(const char *text, size_t max_columns, char *out, size_t capacity);

#endif
