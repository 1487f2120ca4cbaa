/* The library's own. */
#include "checksum_variants.h"

#define CHECKSUM_VARIANT strata_checksum_baseline
#define CHECKSUM_NAME    "baseline"
#include "checksum_body.h"
