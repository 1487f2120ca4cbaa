/* What the vector types of kernel_body.h can do without the instruction set's own operations. No include guard: see
 * there. */
#define KERNEL_KEEP_NEARER(distance, cluster, best, index)                                                             \
    do {                                                                                                               \
        KERNEL(ints) nearer = (distance) < (best);                                                                     \
        (best) = (KERNEL(reals))((nearer & (KERNEL(ints))(distance)) | (~nearer & (KERNEL(ints))(best)));              \
        (index) = (nearer & (cluster)) | (~nearer & (index));                                                          \
    } while (0)
#define KERNEL_KEEP_SECOND(distance, best, second)                                                                     \
    do {                                                                                                               \
        KERNEL(ints) farther = (best) < (distance);                                                                    \
        KERNEL(reals)                                                                                                  \
        larger = (KERNEL(reals))((farther & (KERNEL(ints))(distance)) | (~farther & (KERNEL(ints))(best)));            \
        KERNEL(ints) closer = larger < (second);                                                                       \
        (second) = (KERNEL(reals))((closer & (KERNEL(ints))larger) | (~closer & (KERNEL(ints))(second)));              \
    } while (0)
