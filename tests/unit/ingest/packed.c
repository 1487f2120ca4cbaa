#include "packed.h"

#include <criterion/criterion.h>
#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { BGZIP_TEXT = 500, FRAME_TEXT = 300 };

const char *const packing_name[N_PACKINGS] = {
    [PACKED_GZIP] = "gzip", [PACKED_GZIP_MEMBERS] = "gzip members", [PACKED_BGZIP] = "bgzip",
    [PACKED_ZSTD] = "zstd", [PACKED_ZSTD_FRAMES] = "zstd frames",   [PACKED_ZSTD_UNSIZED] = "zstd unsized",
};

static unsigned char *room(struct packed *packed, size_t n)
{
    if (packed->n + n > packed->capacity) {
        packed->capacity = 2 * (packed->n + n);
        packed->bytes = realloc(packed->bytes, packed->capacity);
        cr_assert_not_null(packed->bytes);
    }
    return packed->bytes + packed->n;
}

static void add_gzip(struct packed *packed, const char *text, size_t n)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    size_t most = libdeflate_gzip_compress_bound(compressor, n);
    unsigned char *out = room(packed, most);
    packed->n += libdeflate_gzip_compress(compressor, text, n, out, most);
    libdeflate_free_compressor(compressor);
}

static void put_32(unsigned char *out, uint32_t value)
{
    for (int i = 0; i < 4; ++i)
        out[i] = (unsigned char)(value >> 8 * i);
}

static void add_bgzip(struct packed *packed, const char *text, size_t n)
{
    static const unsigned char header[] = {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 'B', 'C', 2, 0};
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    size_t most = libdeflate_deflate_compress_bound(compressor, n);
    unsigned char *out = room(packed, most + 26);
    memcpy(out, header, sizeof header);
    size_t n_deflated = libdeflate_deflate_compress(compressor, text, n, out + 18, most), n_member = n_deflated + 26;
    out[16] = (unsigned char)((n_member - 1) & 0xff);
    out[17] = (unsigned char)((n_member - 1) >> 8);
    put_32(out + 18 + n_deflated, libdeflate_crc32(0, text, n));
    put_32(out + 22 + n_deflated, (uint32_t)n);
    packed->n += n_member;
    libdeflate_free_compressor(compressor);
}

static void add_zstd(struct packed *packed, const char *text, size_t n, int tells_size)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t most = ZSTD_compressBound(n);
    cr_assert(!ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)));
    cr_assert(!ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, tells_size)));
    size_t result = ZSTD_compress2(context, room(packed, most), most, text, n);
    cr_assert(!ZSTD_isError(result));
    packed->n += result;
    (void)ZSTD_freeCCtx(context);
}

static void add_skippable(struct packed *packed, size_t n)
{
    unsigned char *out = room(packed, n + 8);
    put_32(out, 0x184D2A53);
    put_32(out + 4, (uint32_t)n);
    memset(out + 8, 'x', n);
    packed->n += n + 8;
}

struct packed packed_make(enum packing packing, const char *text, size_t n)
{
    struct packed packed = {0};
    switch (packing) {
    case PACKED_GZIP: add_gzip(&packed, text, n); break;
    case PACKED_GZIP_MEMBERS:
        add_gzip(&packed, text, n / 3);
        add_gzip(&packed, text, 0);
        add_gzip(&packed, text + n / 3, n - n / 3);
        break;
    case PACKED_BGZIP:
        for (size_t at = 0; at < n; at += BGZIP_TEXT)
            add_bgzip(&packed, text + at, n - at < BGZIP_TEXT ? n - at : BGZIP_TEXT);
        add_bgzip(&packed, text, 0);
        break;
    case PACKED_ZSTD: add_zstd(&packed, text, n, 1); break;
    case PACKED_ZSTD_FRAMES:
        add_skippable(&packed, 0);
        for (size_t at = 0; at < n; at += FRAME_TEXT) {
            add_zstd(&packed, text + at, n - at < FRAME_TEXT ? n - at : FRAME_TEXT, 1);
            if (at % (3 * FRAME_TEXT) == 0)
                add_skippable(&packed, at % 11);
        }
        break;
    default:
        add_zstd(&packed, text, n / 2, 0);
        add_zstd(&packed, text, 0, 0);
        add_zstd(&packed, text + n / 2, n - n / 2, 0);
        break;
    }
    return packed;
}
