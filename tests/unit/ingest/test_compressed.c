/* Compressed inputs and pipes give what their text gives, and whatever is wrong with them is noticed. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "byte_source.h"
#include "ingest_fixture.h"
#include "packed.h"
#include "random_log.h"
#include "scratch.h"

static const char small_log[] = "customer,date,amount\nann,2024-01-02,3\nbob,2024-01-03,4.5\n\"cy\n\",2024-01-04,5\n"
                                "ann,2024-02-02,3\nbob,2024-02-03,4.5\ndee,2024-02-04,5.75\nann,2024-03-05,1234.5678\n";

static void assert_account(const struct strata_ingest_account *a, const struct strata_ingest_account *b)
{
    cr_assert(a->read == b->read && a->used == b->used && a->rejected == b->rejected && a->excluded == b->excluded);
    cr_assert(a->amount_read == b->amount_read && a->amount_used == b->amount_used &&
              a->amount_rejected == b->amount_rejected && a->amount_excluded == b->amount_excluded);
}

/* The same rows, accounts and bad rows, at the same bytes of the text. */
static void assert_same(const struct collected *a, const struct collected *b)
{
    cr_assert_eq(a->status, b->status, "'%s' and '%s'", a->error.message, b->error.message);
    cr_assert_eq(a->n_rows, b->n_rows);
    if (a->status != STRATA_OK)
        return;
    assert_account(&a->ingest.file[0].account, &b->ingest.file[0].account);
    for (size_t i = 0; i < a->n_rows; ++i)
        cr_assert(a->row[i].n_customer == b->row[i].n_customer && a->row[i].day == b->row[i].day &&
                  a->row[i].amount == b->row[i].amount &&
                  memcmp(a->row[i].customer, b->row[i].customer, a->row[i].n_customer) == 0);
    cr_assert_eq(a->ingest.rejects.n, b->ingest.rejects.n);
    for (size_t i = 0; i < a->ingest.rejects.n; ++i) {
        const struct strata_reject *x = &a->ingest.rejects.reject[i], *y = &b->ingest.rejects.reject[i];
        cr_assert(x->line == y->line && x->byte == y->byte && x->column == y->column && x->reason == y->reason);
    }
    cr_assert_eq(a->ingest.file[0].care, b->ingest.file[0].care);
    cr_assert_eq(a->n_restarts, b->n_restarts);
}

/* The manifest's hash is that of the bytes as they are stored. */
static void assert_stored(const struct collected *collected, const void *bytes, size_t n)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, n);
    const struct strata_ingest_file *file = &collected->ingest.file[0];
    cr_assert_eq(file->n_bytes, n);
    cr_assert(file->hash_high == hash.high64 && file->hash_low == hash.low64);
}

struct writer {
    const char *path;
    const void *bytes;
    size_t n;
};

static void *write_pipe(void *context)
{
    const struct writer *writer = context;
    FILE *out = fopen(writer->path, "w");
    (void)signal(SIGPIPE, SIG_IGN);
    (void)fwrite(writer->bytes, 1, writer->n, out); /* a reader that gives up is the test's affair */
    (void)fclose(out);
    return NULL;
}

static void collect_pipe(struct collected *collected, const void *bytes, size_t n,
                         const struct strata_ingest_options *options)
{
    struct scratch scratch;
    pthread_t thread;
    scratch_make(&scratch);
    char *path = scratch_path(&scratch, "pipe");
    struct writer writer = {path, bytes, n};
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(pthread_create(&thread, NULL, write_pipe, &writer), 0);
    collect(collected, path, options);
    if (collected->status != STRATA_OK && collected->ingest.n_files && collected->ingest.file[0].pipe)
        strata_byte_source_close(collected->ingest.file[0].pipe); /* or the writer would wait for its reader */
    cr_assert_eq(pthread_join(thread, NULL), 0);
    free(path);
    scratch_remove(&scratch);
}

static struct strata_ingest_options skipping(size_t block_bytes, int threads)
{
    struct strata_ingest_options options = ingest_defaults();
    options.skip_bad_rows = true;
    options.block_bytes = block_bytes;
    options.threads = threads;
    return options;
}

Test(compressed, random_logs)
{
    static const size_t block_sizes[] = {64, 192, 1024, 0};
    static const int thread_counts[] = {1, 2, 3, 8};
    for (uint64_t seed = 1; seed <= 24; ++seed) {
        struct random_log log;
        struct collected plain = {0}, pipe = {0};
        random_log_make(&log, seed, seed % 6 ? 40 : 1000);
        struct strata_ingest_options options = skipping(block_sizes[seed % 4], thread_counts[seed / 6 % 4]);
        collect_bytes(&plain, log.text, log.n, &options);
        for (int packing = 0; packing < N_PACKINGS; ++packing) {
            struct collected collected = {0};
            struct packed packed = packed_make((enum packing)packing, log.text, log.n);
            collect_bytes(&collected, (const char *)packed.bytes, packed.n, &options);
            assert_same(&plain, &collected);
            if (collected.status == STRATA_OK)
                assert_stored(&collected, packed.bytes, packed.n);
            collected_release(&collected);
            free(packed.bytes);
        }
        collect_pipe(&pipe, log.text, log.n, &options);
        assert_same(&plain, &pipe);
        if (pipe.status == STRATA_OK)
            assert_stored(&pipe, log.text, log.n);
        collected_release(&pipe);
        collected_release(&plain);
        random_log_release(&log);
    }
}

/* Every prefix of a compressed file is refused. */
Test(compressed, truncation)
{
    struct strata_ingest_options options = skipping(0, 2);
    for (int packing = 0; packing < N_PACKINGS; ++packing) {
        struct packed packed = packed_make((enum packing)packing, small_log, strlen(small_log));
        struct collected whole = {0};
        collect_bytes(&whole, (const char *)packed.bytes, packed.n, &options);
        assert_read(&whole, 7, 0, 0);
        collected_release(&whole);
        for (size_t n = 0; n < packed.n; ++n) {
            struct collected cut = {0};
            collect_bytes(&cut, (const char *)packed.bytes, n, &options);
            bool is_whole_part =
                cut.status == STRATA_OK && packing != PACKED_GZIP && packing != PACKED_BGZIP && packing != PACKED_ZSTD;
            cr_assert(cut.status == STRATA_REJECTED || is_whole_part, "%s cut at %zu of %zu: %s", packing_name[packing],
                      n, packed.n, cut.error.message);
            collected_release(&cut);
        }
        free(packed.bytes);
    }
}

/* A flipped bit is refused, unless it is in a part of a header that means nothing for the text. */
Test(compressed, flipped_bits)
{
    struct strata_ingest_options options = skipping(0, 1);
    struct collected plain = {0};
    collect_text(&plain, small_log, &options);
    for (int packing = 0; packing < N_PACKINGS; ++packing) {
        struct packed packed = packed_make((enum packing)packing, small_log, strlen(small_log));
        size_t n_taken = 0;
        for (size_t bit = 0; bit < 8 * packed.n; bit += 3) {
            struct collected flipped = {0};
            packed.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
            collect_bytes(&flipped, (const char *)packed.bytes, packed.n, &options);
            packed.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
            cr_assert(flipped.status == STRATA_OK || flipped.status == STRATA_REJECTED, "%s, bit %zu: %s",
                      packing_name[packing], bit, flipped.error.message);
            if (flipped.status == STRATA_OK) {
                assert_same(&plain, &flipped);
                ++n_taken;
            }
            collected_release(&flipped);
        }
        cr_assert_lt(n_taken, packed.n, "%s: %zu flips of %zu bytes went by", packing_name[packing], n_taken, packed.n);
        free(packed.bytes);
    }
    collected_release(&plain);
}

Test(compressed, garbage_behind_the_end)
{
    struct strata_ingest_options options = skipping(0, 2);
    static const char *const tails[] = {"\n", "hello", "\x1f", "(", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"};
    static const size_t tail_bytes[] = {1, 5, 1, 1, 24};
    for (int packing = 0; packing < N_PACKINGS; ++packing)
        for (size_t tail = 0; tail < 5; ++tail) {
            struct packed packed = packed_make((enum packing)packing, small_log, strlen(small_log));
            struct collected collected = {0};
            packed.bytes = realloc(packed.bytes, packed.n + tail_bytes[tail]);
            memcpy(packed.bytes + packed.n, tails[tail], tail_bytes[tail]);
            collect_bytes(&collected, (const char *)packed.bytes, packed.n + tail_bytes[tail], &options);
            assert_refused(&collected, STRATA_REJECTED, "log.csv is", "again", NULL);
            collected_release(&collected);
            free(packed.bytes);
        }
}

/* RFC 1952, 2.3.1.2: in any member. */
Test(compressed, reserved_flags)
{
    struct strata_ingest_options options = skipping(0, 2);
    struct packed packed = packed_make(PACKED_GZIP, small_log, strlen(small_log));
    packed.bytes = realloc(packed.bytes, 2 * packed.n);
    memcpy(packed.bytes + packed.n, packed.bytes, packed.n);
    for (size_t member = 0; member < 2; ++member)
        for (unsigned char flag = 0x20; flag; flag <<= 1) {
            struct collected collected = {0};
            packed.bytes[member * packed.n + 3] ^= flag;
            collect_bytes(&collected, (const char *)packed.bytes, 2 * packed.n, &options);
            assert_refused(&collected, STRATA_REJECTED, "log.csv is damaged", "a wrong header", NULL);
            collected_release(&collected);
            packed.bytes[member * packed.n + 3] ^= flag;
        }
    free(packed.bytes);
}

Test(compressed, empty_text)
{
    struct strata_ingest_options options = ingest_defaults();
    for (int packing = 0; packing < N_PACKINGS; ++packing) {
        struct packed packed = packed_make((enum packing)packing, "", 0);
        struct collected collected = {0};
        collect_bytes(&collected, (const char *)packed.bytes, packed.n, &options);
        assert_refused(&collected, STRATA_REJECTED, "log.csv is empty", NULL);
        collected_release(&collected);
        free(packed.bytes);
    }
}

Test(compressed, twice)
{
    struct strata_ingest_options options = ingest_defaults();
    struct packed once = packed_make(PACKED_GZIP, small_log, strlen(small_log));
    struct packed twice = packed_make(PACKED_ZSTD, (const char *)once.bytes, once.n);
    struct collected collected = {0};
    collect_bytes(&collected, (const char *)twice.bytes, twice.n, &options);
    assert_refused(&collected, STRATA_REJECTED, "log.csv is compressed twice", NULL);
    collected_release(&collected);
    free(once.bytes);
    free(twice.bytes);
}

/* bgzip first and another gzip behind is gzip as much as the other way round. */
Test(compressed, kinds_of_gzip_in_one_file)
{
    struct strata_ingest_options options = ingest_defaults();
    size_t half = strlen(small_log) / 2;
    for (int first = 0; first < 2; ++first) {
        struct packed a = packed_make(first ? PACKED_GZIP : PACKED_BGZIP, small_log, half);
        struct packed b = packed_make(first ? PACKED_BGZIP : PACKED_GZIP, small_log + half, strlen(small_log) - half);
        struct collected collected = {0};
        a.bytes = realloc(a.bytes, a.n + b.n);
        memcpy(a.bytes + a.n, b.bytes, b.n);
        collect_bytes(&collected, (const char *)a.bytes, a.n + b.n, &options);
        assert_read(&collected, 7, 0, 0);
        assert_stored(&collected, a.bytes, a.n + b.n);
        collected_release(&collected);
        free(a.bytes);
        free(b.bytes);
    }
}

/* A row that is longer than all windows of small blocks. */
Test(compressed, long_row)
{
    size_t n = 3 << 20, at = 0;
    char *text = malloc(n + 256);
    at += (size_t)sprintf(text, "note,customer,date,amount\n\"");
    memset(text + at, 'x', n);
    at += n;
    at += (size_t)sprintf(text + at, "\",ann,2024-01-02,3\ny,bob,2024-01-02,4\n");
    for (int packing = 0; packing < N_PACKINGS; ++packing) {
        struct strata_ingest_options options = skipping(64 << 10, 3);
        struct packed packed = packed_make((enum packing)packing, text, at);
        struct collected collected = {0};
        collect_bytes(&collected, (const char *)packed.bytes, packed.n, &options);
        assert_read(&collected, 2, 0, 0);
        collected_release(&collected);
        free(packed.bytes);
    }
    free(text);
}

/* n rows, of which the one behind `before` others has 1 MiB. */
static char *text_with_a_long_row(size_t n, size_t before, size_t *n_text)
{
    const size_t note = 1 << 20;
    char *text = malloc(n * 32 + note + 64);
    size_t at = (size_t)sprintf(text, "note,customer,date,amount\n");
    for (size_t i = 0; i < n; ++i) {
        if (i == before) {
            memset(text + at, 'x', note);
            at += note;
        }
        at += (size_t)sprintf(text + at, "n,c%06zu,2024-01-02,3\n", i);
    }
    *n_text = at;
    return text;
}

/* A row that several threads may not hold at once within a small memory: a file, and a pipe that is kept, are read
 * again row by row; a pipe that has gone on is refused with the row's line and the way out. */
Test(compressed, long_row_in_a_small_memory)
{
    static const size_t n = 300000;
    struct strata_ingest_options options = skipping(64 << 10, 3);
    options.source_memory_bytes = 8 << 20;
    for (int late = 0; late < 2; ++late) {
        struct collected file = {0}, pipe = {0};
        size_t n_text, before = late ? n - 1 : 50000;
        char *text = text_with_a_long_row(n, before, &n_text);
        collect_bytes(&file, text, n_text, &options);
        assert_read(&file, n, 0, 0);
        cr_assert_eq(file.n_restarts, 1);
        cr_assert_eq(file.ingest.file[0].care, STRATA_CARE_LONG_ROW);
        cr_assert_eq(file.ingest.file[0].care_line, before + 2);
        char *about = strata_ingest_describe(&file.ingest.file[0]);
        cr_assert(strstr(about, "row by row because it has rows of many megabytes"), "%s", about);
        free(about);
        /* Rows behind the long one may have gone by before it is met: at most what the window holds. */
        collect_pipe(&pipe, text, late ? n_text : n_text / 3, &options);
        if (late)
            assert_refused(&pipe, STRATA_MEMORY, "line 300001", "longer than 0.2 MiB", "3 threads", "first 4.0 MiB",
                           "raise --memory-limit, lower --threads, or save", NULL);
        else
            cr_assert_eq(pipe.status, STRATA_OK, "%s", pipe.error.message);
        collected_release(&file);
        collected_release(&pipe);
        free(text);
    }
}

/* Frames that are too large for one piece, and many of moderate size. */
Test(compressed, large_frames)
{
    size_t n = 9 << 20, at = 0;
    uint64_t n_rows = 0;
    char *text = malloc(n + 64);
    at += (size_t)sprintf(text, "customer,date,amount\n");
    for (; at < n; ++n_rows)
        at += (size_t)sprintf(text + at, "c%llu,2024-01-%02d,%d\n", (unsigned long long)(n_rows * 7919 % 100003),
                              (int)(n_rows % 28) + 1, (int)(n_rows % 1000));
    static const enum packing packings[] = {PACKED_GZIP, PACKED_BGZIP, PACKED_ZSTD, PACKED_ZSTD_UNSIZED};
    for (size_t i = 0; i < 4; ++i) {
        struct strata_ingest_options options = skipping(0, 3);
        options.exclude_zero_amounts = true;
        struct packed packed = packed_make(packings[i], text, at);
        struct collected collected = {0};
        collect_bytes(&collected, (const char *)packed.bytes, packed.n, &options);
        assert_read(&collected, n_rows - (n_rows + 999) / 1000, 0, (n_rows + 999) / 1000);
        assert_stored(&collected, packed.bytes, packed.n);
        collected_release(&collected);
        free(packed.bytes);
    }
    free(text);
}

/* Texts that are taken are decoded ahead, but never into more memory than was given; only who is behind all others may
 * go beyond it, and gets the text. */
Test(compressed, windows_keep_within_their_memory, .timeout = 60)
{
    enum { TEXT_BYTES = 12 << 20, PIECE_BYTES = 64 << 10, WINDOW_BYTES = 4 << 20 };
    char *text = malloc(TEXT_BYTES), *out = malloc(TEXT_BYTES);
    cr_assert(text && out);
    for (size_t i = 0; i < TEXT_BYTES; ++i)
        text[i] = i % 32 == 31 ? '\n' : (char)('a' + i / 32 % 26);
    static const enum packing packings[] = {PACKED_GZIP, PACKED_ZSTD, PACKED_ZSTD_UNSIZED};
    for (size_t i = 0; i < sizeof packings / sizeof packings[0]; ++i) {
        const char *name = packing_name[packings[i]];
        struct packed packed = packed_make(packings[i], text, TEXT_BYTES);
        struct scratch scratch;
        struct strata_byte_source source;
        struct strata_error error;
        scratch_make(&scratch);
        char *path = scratch_write(&scratch, "log", packed.bytes, packed.n);
        cr_assert_eq(strata_byte_source_open(&source, path, "utf-8", PIECE_BYTES, &error), STRATA_OK);
        strata_byte_source_limit(&source, 1);
        cr_assert_eq(strata_byte_source_share(&source, 2, 0, &error), STRATA_OK);
        cr_assert_eq(strata_byte_source_take(&source, 0, PIECE_BYTES), 0);
        cr_expect_gt(source.n_held, PIECE_BYTES, "%s: nothing is decoded ahead", name);
        for (size_t taken = PIECE_BYTES; taken < TEXT_BYTES; taken += PIECE_BYTES) {
            cr_assert_eq(strata_byte_source_take(&source, 1, PIECE_BYTES), taken);
            /* One frame may be larger, and is decoded as a whole. */
            cr_assert(source.n_held <= WINDOW_BYTES || source.first == source.last, "%s", name);
        }
        size_t got;
        bool is_end;
        cr_assert_eq(strata_byte_source_read(&source, 0, 0, out, TEXT_BYTES, &got, &is_end, &error), STRATA_OK);
        cr_assert(got == TEXT_BYTES && is_end && memcmp(out, text, got) == 0, "%s", name);
        strata_byte_source_close(&source);
        free(path);
        scratch_remove(&scratch);
        free(packed.bytes);
    }
    free(text);
    free(out);
}
