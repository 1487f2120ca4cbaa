#if defined(__aarch64__)
#include <arm_neon.h>

#define KERNEL(name) name##_neon
#define KERNEL_TARGET
#define KERNEL_VECTOR_BYTES 16
#define KERNEL_TILES        1
#define KERNEL_ADD_SQUARE(difference, sum)                                                                             \
    ((sum) = (KERNEL(reals))vfmaq_f32((float32x4_t)(sum), (float32x4_t)(difference), (float32x4_t)(difference)))
#define KERNEL_KEEP_NEARER(distance, cluster, best, index)                                                             \
    do {                                                                                                               \
        uint32x4_t nearer = vcltq_f32((float32x4_t)(distance), (float32x4_t)(best));                                   \
        (best) = (KERNEL(reals))vminq_f32((float32x4_t)(distance), (float32x4_t)(best));                               \
        (index) = (KERNEL(ints))vbslq_s32(nearer, (int32x4_t)(cluster), (int32x4_t)(index));                           \
    } while (0)
#define KERNEL_KEEP_SECOND(distance, best, second)                                                                     \
    ((second) =                                                                                                        \
         (KERNEL(reals))vminq_f32((float32x4_t)(second), vmaxq_f32((float32x4_t)(best), (float32x4_t)(distance))))
#include "kernel_body.h"

#undef KERNEL
#undef KERNEL_LIST
#define KERNEL(name)      name##_neon_wide
#define KERNEL_LIST(name) name##_neon
#include "kernel_wide.h"
#else
typedef int strata_no_neon;
#endif
