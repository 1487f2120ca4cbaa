/* The parallel parser against a plain single pass: the same rows, accounts, hashes and rejects. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "ingest_fixture.h"
#include "plan.h"
#include "random_log.h"
#include "scratch.h"

static const size_t block_sizes[] = {64, 128, 192, 1024, 0};
static const int thread_counts[] = {1, 2, 3, 8};

static struct strata_ingest_options random_options(struct random_log *log)
{
    struct strata_ingest_options options = ingest_defaults();
    struct random_source *source = &log->source;
    options.skip_bad_rows = true;
    options.delimiter = random_once_in(source, 2) ? log->delimiter : STRATA_DELIMITER_AUTO;
    options.time_format = random_once_in(source, 2) ? "iso" : "auto";
    options.exclude_order_prefix = random_once_in(source, 2) ? "C" : NULL;
    options.exclude_returns = random_once_in(source, 3);
    options.exclude_zero_amounts = random_once_in(source, 3);
    return options;
}

static void assert_account(const struct strata_ingest_account *a, const struct strata_ingest_account *b, uint64_t seed)
{
    cr_assert_eq(a->read, b->read, "seed %llu: %llu rows read, not %llu", (unsigned long long)seed,
                 (unsigned long long)a->read, (unsigned long long)b->read);
    cr_assert_eq(a->used, b->used, "seed %llu", (unsigned long long)seed);
    cr_assert_eq(a->rejected, b->rejected, "seed %llu", (unsigned long long)seed);
    cr_assert_eq(a->excluded, b->excluded, "seed %llu", (unsigned long long)seed);
    cr_assert(a->amount_read == b->amount_read);
    cr_assert(a->amount_used == b->amount_used);
    cr_assert(a->amount_rejected == b->amount_rejected);
    cr_assert(a->amount_excluded == b->amount_excluded);
}

static void assert_rows(const struct collected *collected, const struct expected *expected, uint64_t seed)
{
    cr_assert_eq(collected->n_rows, expected->n_rows, "seed %llu", (unsigned long long)seed);
    for (size_t i = 0; i < expected->n_rows; ++i) {
        const struct collected_row *a = &collected->row[i], *b = &expected->row[i];
        cr_assert_eq(a->n_customer, b->n_customer, "seed %llu, row %zu", (unsigned long long)seed, i);
        cr_assert_eq(memcmp(a->customer, b->customer, a->n_customer), 0, "seed %llu, row %zu", (unsigned long long)seed,
                     i);
        cr_assert_eq(a->day, b->day, "seed %llu, row %zu", (unsigned long long)seed, i);
        cr_assert_eq(a->amount, b->amount, "seed %llu, row %zu", (unsigned long long)seed, i);
    }
}

static void assert_rejects(const struct strata_rejects *rejects, const struct expected *expected, uint64_t seed)
{
    cr_assert_eq(rejects->n, expected->n_rejects, "seed %llu", (unsigned long long)seed);
    for (size_t i = 0; i < rejects->n; ++i) {
        const struct strata_reject *a = &rejects->reject[i], *b = &expected->reject[i];
        cr_assert(a->line == b->line && a->byte == b->byte && a->column == b->column && a->reason == b->reason &&
                      a->origin == 0,
                  "seed %llu, reject %zu: line %llu byte %llu column %u '%s', not line %llu byte %llu column %u '%s'",
                  (unsigned long long)seed, i, (unsigned long long)a->line, (unsigned long long)a->byte, a->column,
                  strata_reject_reason_text((enum strata_reject_reason)a->reason), (unsigned long long)b->line,
                  (unsigned long long)b->byte, b->column,
                  strata_reject_reason_text((enum strata_reject_reason)b->reason));
    }
}

static void assert_result(const struct collected *collected, const struct random_log *log,
                          const struct expected *expected, uint64_t seed)
{
    cr_assert_eq(collected->status, STRATA_OK, "seed %llu: %s", (unsigned long long)seed, collected->error.message);
    const struct strata_ingest_file *file = &collected->ingest.file[0];
    assert_account(&file->account, &expected->account, seed);
    assert_rows(collected, expected, seed);
    assert_rejects(&collected->ingest.rejects, expected, seed);
    cr_assert_eq(file->care == STRATA_CARE_QUOTES, expected->has_broken_quotes, "seed %llu", (unsigned long long)seed);
    cr_assert_eq(collected->n_restarts, expected->has_broken_quotes ? 1 : 0, "seed %llu", (unsigned long long)seed);
    XXH128_hash_t hash = XXH3_128bits(log->text, log->n);
    cr_assert(file->hash_high == hash.high64 && file->hash_low == hash.low64, "seed %llu", (unsigned long long)seed);
    cr_assert_eq(file->n_bytes, log->n);
    cr_assert_eq(file->plan->delimiter, log->delimiter, "seed %llu", (unsigned long long)seed);
}

/* What the logs of a test held, so that it is known that they test something. */
struct tally {
    size_t n_right, n_broken, n_unclosed, n_rows, n_rejects;
};

static void count(struct tally *tally, const struct expected *expected)
{
    tally->n_right += !expected->has_broken_quotes && !expected->unclosed_line;
    tally->n_broken += expected->has_broken_quotes && !expected->unclosed_line;
    tally->n_unclosed += expected->unclosed_line != 0;
    tally->n_rows += expected->n_rows;
    tally->n_rejects += expected->n_rejects;
}

/* One log with some sizes of blocks and numbers of threads. */
static void check_log(const struct scratch *scratch, uint64_t seed, size_t n_rows, int n_runs, struct tally *tally)
{
    struct random_log log;
    struct expected expected;
    random_log_make(&log, seed, n_rows);
    struct strata_ingest_options options = random_options(&log);
    expected_make(&expected, &log, &options);
    count(tally, &expected);
    char *path = scratch_write(scratch, "log.csv", log.text, log.n);
    for (int run = 0; run < n_runs; ++run) {
        struct collected collected = {0};
        options.block_bytes = block_sizes[(seed + (uint64_t)run) % 5];
        options.threads = thread_counts[(seed / 5 + (uint64_t)run) % 4];
        collect(&collected, path, &options);
        if (expected.unclosed_line) {
            char place[64];
            (void)snprintf(place, sizeof place, ", line %llu: the quote that opens field",
                           (unsigned long long)expected.unclosed_line);
            assert_refused(&collected, STRATA_REJECTED, path, place, "is never closed", NULL);
        } else {
            assert_result(&collected, &log, &expected, seed);
        }
        collected_release(&collected);
    }
    free(path);
    expected_release(&expected);
    random_log_release(&log);
}

Test(whole_parser, random_logs)
{
    struct scratch scratch;
    struct tally tally = {0};
    scratch_make(&scratch);
    for (uint64_t seed = 1; seed <= 120; ++seed)
        check_log(&scratch, seed, 40 + seed % 200, 5, &tally);
    cr_assert(tally.n_right > 50 && tally.n_broken > 10 && tally.n_unclosed > 5);
    cr_assert(tally.n_rows > 5000 && tally.n_rejects > 1000);
    scratch_remove(&scratch);
}

/* More than a batch per thread, and every size of block with every number of threads. */
Test(whole_parser, longer_logs)
{
    struct scratch scratch;
    struct tally tally = {0};
    scratch_make(&scratch);
    for (uint64_t seed = 1000; seed < 1004; ++seed)
        check_log(&scratch, seed, 6000, 20, &tally);
    scratch_remove(&scratch);
}

/* Whatever the bytes are: the same account, rejects and status for any size of blocks. */
Test(whole_parser, any_bytes)
{
    static const char alphabet[] = ",,,\n\n\"\r1C \xff\0002024-01-02";
    struct scratch scratch;
    struct random_source source = {.seed = 7};
    scratch_make(&scratch);
    for (int round = 0; round < 300; ++round) {
        char text[3000] = "customer,date,amount\n";
        size_t n = strlen(text), n_bytes = random_below(&source, sizeof text - n);
        uint64_t rarity = 1 + random_below(&source, 30);
        for (size_t i = 0; i < n_bytes; ++i, ++n) {
            text[n] = alphabet[random_below(&source, sizeof alphabet - 1)];
            if (text[n] == '"' && !random_once_in(&source, rarity))
                text[n] = 'x';
            if (random_once_in(&source, 30) && n + 20 < sizeof text && i + 20 < n_bytes) {
                memcpy(text + n, "\n1,2024-01-02,3.5\n1", 19);
                n += 18;
                i += 18;
            }
        }
        char *path = scratch_write(&scratch, "bytes.csv", text, n);
        struct strata_ingest_options options = ingest_defaults();
        struct collected whole = {0}, parts = {0};
        options.skip_bad_rows = true;
        options.delimiter = STRATA_DELIMITER_COMMA;
        options.time_format = "iso";
        collect(&whole, path, &options);
        options.block_bytes = 64;
        options.threads = 2;
        collect(&parts, path, &options);
        cr_assert_eq(whole.status, parts.status, "round %d: %s, %s", round, whole.error.message, parts.error.message);
        cr_assert_eq(whole.n_rows, parts.n_rows, "round %d", round);
        cr_assert_eq(whole.ingest.rejects.n, parts.ingest.rejects.n, "round %d", round);
        for (size_t i = 0; i < whole.ingest.rejects.n; ++i) {
            const struct strata_reject *a = &whole.ingest.rejects.reject[i], *b = &parts.ingest.rejects.reject[i];
            cr_assert(a->line == b->line && a->byte == b->byte && a->reason == b->reason, "round %d", round);
        }
        collected_release(&whole);
        collected_release(&parts);
        free(path);
    }
    scratch_remove(&scratch);
}
