#define KERNEL(name) name##_baseline
#define KERNEL_TARGET
#define KERNEL_VECTOR_BYTES 16
#define KERNEL_KEEP_NEARER(distance, cluster, best, index)                                                             \
    do {                                                                                                               \
        KERNEL(ints) nearer = (distance) < (best);                                                                     \
        (best) = (KERNEL(floats))((nearer & (KERNEL(ints))(distance)) | (~nearer & (KERNEL(ints))(best)));             \
        (index) = (nearer & (cluster)) | (~nearer & (index));                                                          \
    } while (0)
#include "kernel_body.h"
