/* Compiled with the instructions that it is for: see src/CMakeLists.txt. */
#include "checksum_variants.h"

#if defined(__AVX512F__)
#define XXH_INLINE_ALL
#define CHECKSUM_VARIANT strata_checksum_avx512
#define CHECKSUM_NAME    "avx512"
#include "checksum_body.h"
#endif
