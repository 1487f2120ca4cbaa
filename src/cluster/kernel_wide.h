/* kernel_body.h on doubles, to be included behind that of floats with KERNEL and KERNEL_LIST defined anew. A square is
 * rounded before it is added: no instruction set needs more than the vector types, and all have the same bits. */
#undef KERNEL_VALUES
#undef KERNEL_SQRT
#undef KERNEL_ADD_SQUARE
#undef KERNEL_KEEP_NEARER
#undef KERNEL_KEEP_SECOND
#define KERNEL_WIDE
#define KERNEL_ADD_SQUARE(difference, sum) ((sum) += (difference) * (difference))
#include "kernel_generic.h"

#include "kernel_body.h"
