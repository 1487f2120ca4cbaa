/* The signs and codes of currencies beside a number. */
#ifndef STRATA_INGEST_CURRENCY_H
#define STRATA_INGEST_CURRENCY_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of the longest sign or code that the text begins or ends with, 0 if there is none. `*ruled_out` gets the
 * bits of all currencies that it is not of. */
size_t strata_currency_in_front(const char *text, size_t n, uint64_t *ruled_out);
size_t strata_currency_behind(const char *text, size_t n, uint64_t *ruled_out);

#endif
