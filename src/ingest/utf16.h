/* UTF-16 to UTF-8. */
#ifndef STRATA_INGEST_UTF16_H
#define STRATA_INGEST_UTF16_H

#include <stdbool.h>
#include <stddef.h>

/* The n bytes of `text` but a character at their end that is cut off: how many were taken. `out` has room for
 * 2 * n + 4 bytes, *n_out of them are written; half of a surrogate pair becomes STRATA_NO_CHARACTER. */
size_t strata_utf16_decode(const char *text, size_t n, bool is_big_endian, char *out, size_t *n_out);

#endif
