/* PostgreSQL's numeric, from its binary form to the text that PostgreSQL writes for it. */
#ifndef STRATA_INGEST_BINARY_NUMERIC_H
#define STRATA_INGEST_BINARY_NUMERIC_H

#include <stdbool.h>
#include <stddef.h>

/* The binary form: how many digits, the weight of the first one, the sign and the decimals shown (16 bits each), then
 * the digits of base 10000. Its text goes to `out`, at most `capacity` bytes of it (the rest of a longer one is left
 * out), *n_out of them. False if these n bytes are no numeric. */
bool strata_binary_numeric_format(const char *value, size_t n, char *out, size_t capacity, size_t *n_out);

#endif
