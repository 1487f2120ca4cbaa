/* One chunk through HDF5's shuffle and deflate filters, without HDF5 and on any thread. */
#ifndef STRATA_HDF5_CHUNK_CODEC_H
#define STRATA_HDF5_CHUNK_CODEC_H

#include <libdeflate.h>
#include <stddef.h>

/* The byte transposition of H5Z_FILTER_SHUFFLE: `n` elements of `size` bytes become all first bytes, all second
 * bytes, ... A size of 1 is a copy. `out` holds n * size bytes and does not overlap `in`. */
void strata_chunk_shuffle(const void *in, void *out, size_t n, size_t size);

/* The deflate level of every chunk. */
enum { STRATA_DEFLATE_LEVEL = 1 };

/* Room that a deflated chunk of `n_bytes` can need at most. */
size_t strata_chunk_bound(size_t n_bytes);

/* The zlib stream of H5Z_FILTER_DEFLATE in `out`, which has strata_chunk_bound(n_bytes) bytes. Returns its length. */
size_t strata_chunk_deflate(struct libdeflate_compressor *compressor, const void *in, size_t n_bytes, void *out);

#endif
