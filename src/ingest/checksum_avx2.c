/* Compiled with the instructions that it is for: see src/CMakeLists.txt. */
#include "checksum_variants.h"

#if defined(__AVX2__)
#define XXH_INLINE_ALL
#define CHECKSUM_VARIANT strata_checksum_avx2
#define CHECKSUM_NAME    "avx2"
#include "checksum_body.h"
#endif
