#define KERNEL(name) name##_baseline
#define KERNEL_TARGET
#define KERNEL_VECTOR_BYTES 16
#define KERNEL_TILES        1
#if defined(__FP_FAST_FMAF)
#define KERNEL_ADD_SQUARE(difference, sum)                                                                             \
    do {                                                                                                               \
        for (int lane = 0; lane < KERNEL(LANES); ++lane)                                                               \
            (sum)[lane] = __builtin_fmaf((difference)[lane], (difference)[lane], (sum)[lane]);                         \
    } while (0)
#else
#include "fused.h"
#define KERNEL_ADD_SQUARE(difference, sum) strata_fused_add_square(&(difference), &(sum))
#endif
#include "kernel_generic.h"

#include "kernel_body.h"

#undef KERNEL
#undef KERNEL_LIST
#define KERNEL(name)      name##_baseline_wide
#define KERNEL_LIST(name) name##_baseline
#include "kernel_wide.h"
