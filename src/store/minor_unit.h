/* The unit of exact amounts as the text of a units attribute: "0.0001 currency"; with no decimals, "currency". */
#ifndef STRATA_STORE_MINOR_UNIT_H
#define STRATA_STORE_MINOR_UNIT_H

#include <stdbool.h>

enum { STRATA_MINOR_UNIT_BYTES = 24 };

/* decimals: 0..STRATA_AMOUNT_DECIMALS_MAX */
void strata_minor_unit_format(int decimals, char out[STRATA_MINOR_UNIT_BYTES]);

/* False if `text` is no unit that strata_minor_unit_format makes. */
bool strata_minor_unit_parse(const char *text, int *decimals);

#endif
