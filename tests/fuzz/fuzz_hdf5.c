/* HDF5 as transactions: whatever the file holds, a run's worth of rows whose account reconciles comes out, the same for
 * one reader and for two, or a message. The library itself runs in a process of its own, as ever: it may break, and
 * does. */
#include <string.h>

#include "fuzz.h"
#include "ingest.h"

/* What came out, in a form that does not depend on the order. */
struct sum {
    uint64_t rows, digest;
    strata_amount_total amount;
};

static enum strata_status append(void *context, int thread, const struct strata_batch *batch, struct strata_error *err)
{
    struct sum *sum = context;
    (void)thread;
    (void)err;
#pragma omp critical(fuzz_append)
    for (uint32_t i = 0; i < batch->n_rows; ++i) {
        ++sum->rows;
        sum->amount += batch->amount[i];
        sum->digest += strata_key_hash(batch->customer[i]) * (uint64_t)(batch->day[i] | 1);
    }
    return STRATA_OK;
}

static enum strata_status restart(void *context, struct strata_error *err)
{
    (void)context;
    (void)err;
    return STRATA_OK;
}

static enum strata_status read_all(const char *path, int threads, struct sum *sum)
{
    struct strata_ingest ingest;
    struct strata_error error = {0};
    static const struct strata_time_zone utc;
    const struct strata_ingest_options options = {
        .transactions = &path,
        .n_transactions = 1,
        .time_format = "auto",
        .time_zone = &utc,
        .skip_bad_rows = true,
        .max_bad_rows = UINT64_MAX,
        .threads = threads,
        .source_memory_bytes = 64 << 20,
    };
    const struct strata_batch_sink sink = {.context = sum, .append = append, .restart = restart};
    *sum = (struct sum){0};
    enum strata_status status = strata_ingest_open(&ingest, &options, &error);
    if (status == STRATA_OK)
        status = strata_ingest_read(&ingest, &sink, &error);
    if (status == STRATA_OK) {
        struct strata_ingest_account total = strata_ingest_total(&ingest);
        FUZZ_CHECK(total.used == sum->rows && total.amount_used == sum->amount, "%llu rows",
                   (unsigned long long)sum->rows);
        FUZZ_CHECK(total.read == total.used + total.rejected + total.excluded, "%llu rows",
                   (unsigned long long)total.read);
        FUZZ_CHECK(ingest.rejects.n == total.rejected, "%zu bad rows", ingest.rejects.n);
    } else {
        FUZZ_CHECK(error.message[0], "%d: %s", (int)status, error.message);
    }
    strata_ingest_release(&ingest);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    struct sum one, two;
    if (n < sizeof signature - 1 || memcmp(data, signature, sizeof signature - 1) != 0)
        return -1;
    const char *path = fuzz_file(data, n);
    enum strata_status status = read_all(path, 1, &one);
    if (status != STRATA_OK)
        return 0;
    FUZZ_CHECK(read_all(path, 2, &two) == STRATA_OK, "with two threads");
    FUZZ_CHECK(one.rows == two.rows && one.amount == two.amount && one.digest == two.digest, "%llu and %llu rows",
               (unsigned long long)one.rows, (unsigned long long)two.rows);
    return 0;
}
