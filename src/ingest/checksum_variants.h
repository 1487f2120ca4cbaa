/* Inside of the checksum: what there is of each instruction set, in files that are compiled for it. */
#ifndef STRATA_INGEST_CHECKSUM_VARIANTS_H
#define STRATA_INGEST_CHECKSUM_VARIANTS_H

#include "checksum.h"

extern const struct strata_checksum_variant strata_checksum_baseline;
#if defined(__x86_64__)
extern const struct strata_checksum_variant strata_checksum_avx2;
extern const struct strata_checksum_variant strata_checksum_avx512;
#endif

#endif
