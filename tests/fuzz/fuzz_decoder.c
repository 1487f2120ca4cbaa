/* Compressed inputs: what is read must be what the libraries' own decoders make of the same bytes, whatever the sizes
 * of pieces and reads, and anything else must be refused.
 *
 * The first byte says what the rest is: a compressed file (a letter), or (a digit) a text, which is compressed in
 * parts, read back, and read again with its end cut off. The second byte sets sizes.
 */
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "byte_source.h"
#include "fuzz.h"

enum { SETTINGS = 2, TEXT_MAX = 1 << 20, PARTS_MAX = 3, PART_ROOM = 32 << 10 };

struct text {
    enum strata_status status;
    struct strata_error error;
    char *bytes;
    size_t n;
    bool is_cut; /* there is more than TEXT_MAX bytes */
};

static struct text read_text(const void *stored, size_t n, size_t piece_bytes, size_t read_bytes)
{
    struct text text = {.bytes = malloc(TEXT_MAX)};
    struct strata_byte_source source;
    bool is_end = false;
    text.status = strata_byte_source_open(&source, fuzz_file(stored, n), "utf-8", piece_bytes, &text.error);
    if (text.status != STRATA_OK)
        return text;
    while (text.status == STRATA_OK && !is_end && text.n < TEXT_MAX) {
        size_t got, wanted = TEXT_MAX - text.n < read_bytes ? TEXT_MAX - text.n : read_bytes;
        strata_byte_source_let_go(&source, 0, text.n);
        text.status =
            strata_byte_source_read(&source, 0, text.n, text.bytes + text.n, wanted, &got, &is_end, &text.error);
        if (text.status == STRATA_OK)
            text.n += got;
        FUZZ_CHECK(text.status != STRATA_OK || got == wanted || is_end, "%zu of %zu bytes", got, wanted);
    }
    text.is_cut = text.status == STRATA_OK && !is_end;
    strata_byte_source_close(&source);
    return text;
}

/* The members of a gzip file by libdeflate; false if there is anything else in it or its text is longer. */
static bool inflate_members(const unsigned char *stored, size_t n, char *out, size_t *n_out)
{
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    enum libdeflate_result result = LIBDEFLATE_SUCCESS;
    *n_out = 0;
    for (size_t at = 0; at < n && result == LIBDEFLATE_SUCCESS;) {
        size_t taken = 0, made = 0;
        result = libdeflate_gzip_decompress_ex(decompressor, stored + at, n - at, out + *n_out, TEXT_MAX - *n_out,
                                               &taken, &made);
        at += taken;
        *n_out += made;
    }
    libdeflate_free_decompressor(decompressor);
    return result == LIBDEFLATE_SUCCESS;
}

static bool inflate_frames(const unsigned char *stored, size_t n, char *out, size_t *n_out)
{
    size_t made = ZSTD_decompress(out, TEXT_MAX, stored, n);
    *n_out = ZSTD_isError(made) ? 0 : made;
    return !ZSTD_isError(made);
}

static void check_same(const struct text *a, const struct text *b)
{
    FUZZ_CHECK(a->status == b->status && a->is_cut == b->is_cut, "%s, other sizes %s", a->error.message,
               b->error.message);
    FUZZ_CHECK(a->status != STRATA_OK || (a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0),
               "%zu bytes, other sizes %zu", a->n, b->n);
}

/* Any bytes as a compressed file. */
static void check_stored(const unsigned char *stored, size_t n, uint8_t size)
{
    enum strata_coding coding = strata_coding_of((const char *)stored, n < 4 ? n : 4);
    if (coding == STRATA_CODING_NONE)
        return;
    struct text text = read_text(stored, n, 1 + size, 1 << 16), other = read_text(stored, n, 1 << 16, 1 + 7 * size);
    char *wanted = malloc(TEXT_MAX);
    size_t n_wanted;
    bool is_right = coding == STRATA_CODING_ZSTD ? inflate_frames(stored, n, wanted, &n_wanted)
                                                 : inflate_members(stored, n, wanted, &n_wanted);
    check_same(&text, &other);
    if (text.status == STRATA_OK && !text.is_cut && text.n < TEXT_MAX) {
        FUZZ_CHECK(is_right, "%zu bytes that the library refuses", text.n);
        FUZZ_CHECK(text.n == n_wanted && memcmp(text.bytes, wanted, n_wanted) == 0, "%zu bytes, wanted %zu", text.n,
                   n_wanted);
    }
    free(wanted);
    free(text.bytes);
    free(other.bytes);
}

static size_t store_part(bool is_zstd, const uint8_t *text, size_t n, char *out)
{
    if (is_zstd) {
        size_t made = ZSTD_compress(out, PART_ROOM, text, n, 1);
        FUZZ_CHECK(!ZSTD_isError(made), "%s", ZSTD_getErrorName(made));
        return made;
    }
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(1);
    size_t made = libdeflate_gzip_compress(compressor, text, n, out, PART_ROOM);
    libdeflate_free_compressor(compressor);
    FUZZ_CHECK(made, "%zu bytes", n);
    return made;
}

/* A text in up to PARTS_MAX members or frames. */
static void check_text(uint8_t kind, const uint8_t *text, size_t n, uint8_t size)
{
    static char stored[PARTS_MAX * PART_ROOM];
    size_t n_parts = 1 + kind / 2 % PARTS_MAX, n_stored = 0, end[PARTS_MAX] = {0};
    for (size_t p = 0; p < n_parts; ++p) {
        size_t from = n * p / n_parts, to = n * (p + 1) / n_parts;
        end[p] = n_stored += store_part(kind % 2, text + from, to - from, stored + n_stored);
    }
    struct text back = read_text(stored, n_stored, 1 + size, 1 + 3 * size);
    FUZZ_CHECK(back.status == STRATA_OK && back.n == n && memcmp(back.bytes, text, n) == 0, "%zu of %zu bytes: %s",
               back.n, n, back.error.message);
    free(back.bytes);
    size_t cut = 4 + (size_t)size * (n_stored - 4) / 256;
    for (size_t p = 0; p < n_parts; ++p)
        if (end[p] == cut)
            return;
    back = read_text(stored, cut, 1 + size, 1 << 16);
    FUZZ_CHECK(back.status == STRATA_REJECTED, "%zu of %zu bytes are taken for whole", cut, n_stored);
    free(back.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < SETTINGS || n > PART_ROOM / 2)
        return 0;
    if (data[0] >= '0' && data[0] <= '9')
        check_text(data[0], data + SETTINGS, n - SETTINGS, data[1]);
    else
        check_stored(data + SETTINGS, n - SETTINGS, data[1]);
    return 0;
}
