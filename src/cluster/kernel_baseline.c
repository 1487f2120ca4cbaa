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
#define KERNEL_KEEP_NEARER(distance, cluster, best, index)                                                             \
    do {                                                                                                               \
        KERNEL(ints) nearer = (distance) < (best);                                                                     \
        (best) = (KERNEL(floats))((nearer & (KERNEL(ints))(distance)) | (~nearer & (KERNEL(ints))(best)));             \
        (index) = (nearer & (cluster)) | (~nearer & (index));                                                          \
    } while (0)
#define KERNEL_KEEP_SECOND(distance, best, second)                                                                     \
    do {                                                                                                               \
        KERNEL(ints) farther = (best) < (distance);                                                                    \
        KERNEL(floats) larger =                                                                                        \
            (KERNEL(floats))((farther & (KERNEL(ints))(distance)) | (~farther & (KERNEL(ints))(best)));                \
        KERNEL(ints) closer = larger < (second);                                                                       \
        (second) = (KERNEL(floats))((closer & (KERNEL(ints))larger) | (~closer & (KERNEL(ints))(second)));             \
    } while (0)
#include "kernel_body.h"
