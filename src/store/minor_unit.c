#include "minor_unit.h"

#include <stdio.h>
#include <string.h>

#include "amount.h"

void strata_minor_unit_format(int decimals, char out[STRATA_MINOR_UNIT_BYTES])
{
    if (decimals == 0)
        (void)snprintf(out, STRATA_MINOR_UNIT_BYTES, "currency");
    else
        (void)snprintf(out, STRATA_MINOR_UNIT_BYTES, "0.%0*d currency", decimals, 1);
}

bool strata_minor_unit_parse(const char *text, int *decimals)
{
    char unit[STRATA_MINOR_UNIT_BYTES];
    for (*decimals = 0; *decimals <= STRATA_AMOUNT_DECIMALS_MAX; ++*decimals) {
        strata_minor_unit_format(*decimals, unit);
        if (strcmp(text, unit) == 0)
            return true;
    }
    return false;
}
