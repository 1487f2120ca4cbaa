/* What decompressing alone takes: bench_decompress FILE
 *
 * FILE is gzip (ISA-L) or zstd (libzstd), told by its first byte. One thread, from the file into a buffer that is
 * filled again and again. Prints one line of JSON: seconds, and bytes of text. */
#include <isa-l/igzip_lib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zstd.h>

enum { IN_BYTES = 256 << 10, OUT_BYTES = 128 << 10 };

struct input {
    FILE *file;
    unsigned char *bytes;
    size_t n, at;
};

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* False at the end. */
static bool fill(struct input *input)
{
    if (input->at < input->n)
        return true;
    input->at = 0;
    input->n = fread(input->bytes, 1, IN_BYTES, input->file);
    return input->n > 0;
}

/* Both return the bytes of text, 0 if the file is damaged. */

static uint64_t decompress_zstd(struct input *input, unsigned char *out)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    uint64_t n_text = 0;
    size_t result = 1;
    while (zstd && fill(input)) {
        ZSTD_inBuffer from = {input->bytes, input->n, input->at};
        ZSTD_outBuffer to = {out, OUT_BYTES, 0};
        result = ZSTD_decompressStream(zstd, &to, &from);
        if (ZSTD_isError(result))
            break;
        input->at = from.pos;
        n_text += to.pos;
    }
    (void)ZSTD_freeDCtx(zstd);
    return result == 0 ? n_text : 0;
}

static uint64_t decompress_gzip(struct input *input, unsigned char *out)
{
    struct inflate_state *state = malloc(sizeof *state);
    uint64_t n_text = 0;
    bool is_inside = false;
    while (state && (is_inside || fill(input))) {
        if (!is_inside) {
            isal_inflate_init(state);
            state->crc_flag = ISAL_GZIP;
            is_inside = true;
        }
        (void)fill(input);
        state->next_in = input->bytes + input->at;
        state->avail_in = (uint32_t)(input->n - input->at);
        state->next_out = out;
        state->avail_out = OUT_BYTES;
        if (isal_inflate(state) != ISAL_DECOMP_OK || (input->n == 0 && state->avail_out == OUT_BYTES))
            break;
        input->at = input->n - state->avail_in;
        n_text += OUT_BYTES - state->avail_out;
        is_inside = state->block_state != ISAL_BLOCK_FINISH;
    }
    free(state);
    return is_inside ? 0 : n_text;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench_decompress FILE\n");
        return 2;
    }
    struct input input = {.file = fopen(argv[1], "rb"), .bytes = malloc(IN_BYTES)};
    unsigned char *out = malloc(OUT_BYTES);
    uint64_t n_text = 0;
    double began = seconds_now();
    if (input.file && input.bytes && out && fill(&input))
        n_text = input.bytes[0] == 0x1F ? decompress_gzip(&input, out) : decompress_zstd(&input, out);
    double seconds = seconds_now() - began;
    if (n_text)
        (void)printf("{\"seconds\": %.4f, \"bytes\": %llu}\n", seconds, (unsigned long long)n_text);
    else
        (void)fprintf(stderr, "bench_decompress: %s cannot be read or is damaged\n", argv[1]);
    free(out);
    free(input.bytes);
    if (input.file)
        (void)fclose(input.file);
    return n_text ? 0 : 1;
}
