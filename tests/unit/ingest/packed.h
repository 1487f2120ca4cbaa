/* Texts as gzip, bgzip and zstd write them. */
#ifndef PACKED_H
#define PACKED_H

#include <stddef.h>

enum packing {
    PACKED_GZIP,
    PACKED_GZIP_MEMBERS, /* three, one of them empty */
    PACKED_BGZIP,
    PACKED_ZSTD,
    PACKED_ZSTD_FRAMES,  /* many small ones that tell their size, with skippable ones between */
    PACKED_ZSTD_UNSIZED, /* three, without the sizes of their texts */
    N_PACKINGS,
};

struct packed {
    unsigned char *bytes;
    size_t n, capacity;
};

extern const char *const packing_name[N_PACKINGS];

/* free() its bytes. */
struct packed packed_make(enum packing packing, const char *text, size_t n);

#endif
