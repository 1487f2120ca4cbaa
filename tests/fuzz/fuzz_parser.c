/* Delimited text: the parallel blocks against a single careful pass, and all instruction sets against each other.
 *
 * The first line holds a letter or digit each for the delimiter, the size of the blocks, the number of threads and the
 * options; the rest is the file. Both passes must come to the same rows, accounts, hashes and rejects, or refuse the
 * file with the same message.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "fuzz.h"
#include "ingest.h"
#include "plan.h"
#include "structure.h"

enum { SETTINGS = 4, POSITIONS_MAX = 1 << 16 };

static const struct strata_time_zone utc;

/* A row as it reached the sink. Zeroed first, so that rows can be compared as bytes. */
struct row {
    struct strata_fingerprint customer, fingerprint;
    struct strata_key order;
    int64_t amount;
    uint64_t channel, category;
    int32_t day;
    uint32_t n_customer;
};

struct pass {
    struct strata_ingest ingest;
    enum strata_status status;
    struct strata_error error;
    struct row *row;
    size_t n_rows, capacity;
};

static void take_row(struct pass *pass, const struct strata_batch *batch, uint32_t i)
{
    char text[STRATA_KEY_MAX_BYTES];
    size_t n = strata_key_text(batch->customer[i], text);
    XXH128_hash_t hash = XXH3_128bits(text, n);
    if (pass->n_rows == pass->capacity) {
        pass->capacity = 2 * pass->capacity + 64;
        pass->row = realloc(pass->row, pass->capacity * sizeof *pass->row);
    }
    struct row *row = &pass->row[pass->n_rows++];
    memset(row, 0, sizeof *row);
    row->customer = (struct strata_fingerprint){hash.high64, hash.low64};
    row->n_customer = (uint32_t)n;
    row->day = batch->day[i];
    row->amount = batch->amount[i];
    if (batch->fingerprint)
        row->fingerprint = batch->fingerprint[i];
    if (batch->order)
        row->order = batch->order[i];
    if (batch->channel)
        row->channel = batch->channel[i];
    if (batch->category)
        row->category = batch->category[i];
}

static enum strata_status append(void *context, int thread, const struct strata_batch *batch, struct strata_error *err)
{
    (void)thread, (void)err;
#pragma omp critical(fuzz_append)
    for (uint32_t i = 0; i < batch->n_rows; ++i)
        take_row(context, batch, i);
    return STRATA_OK;
}

static enum strata_status restart(void *context, struct strata_error *err)
{
    (void)err;
    ((struct pass *)context)->n_rows = 0;
    return STRATA_OK;
}

static int compare_rows(const void *a, const void *b) { return memcmp(a, b, sizeof(struct row)); }

/* False if the file is refused before its rows are read. */
static bool read_file(struct pass *pass, const struct strata_ingest_options *options, bool is_careful)
{
    const struct strata_batch_sink sink = {pass, append, restart};
    *pass = (struct pass){0};
    pass->status = strata_ingest_open(&pass->ingest, options, &pass->error);
    if (pass->status != STRATA_OK)
        return false;
    pass->ingest.file[0].care = is_careful ? STRATA_CARE_QUOTES : STRATA_CARE_NONE;
    pass->status = strata_ingest_read(&pass->ingest, &sink, &pass->error);
    if (pass->n_rows)
        qsort(pass->row, pass->n_rows, sizeof *pass->row, compare_rows);
    return true;
}

static void release(struct pass *pass)
{
    strata_ingest_release(&pass->ingest);
    free(pass->row);
}

static void check_account(const struct pass *quick, const struct pass *careful)
{
    struct strata_ingest_account a = strata_ingest_total(&quick->ingest), b = strata_ingest_total(&careful->ingest);
    strata_amount_total sum = 0;
    FUZZ_CHECK(a.read == a.used + a.rejected + a.excluded && a.used == quick->n_rows, "%zu rows", quick->n_rows);
    FUZZ_CHECK(a.amount_read == a.amount_used + a.amount_rejected + a.amount_excluded, "%zu rows", quick->n_rows);
    FUZZ_CHECK(a.read == b.read, "%llu rows, carefully %llu", (unsigned long long)a.read, (unsigned long long)b.read);
    FUZZ_CHECK(a.used == b.used && a.rejected == b.rejected && a.excluded == b.excluded, "%llu rows rejected",
               (unsigned long long)a.rejected);
    FUZZ_CHECK(a.amount_read == b.amount_read && a.amount_used == b.amount_used, "%zu rows", quick->n_rows);
    FUZZ_CHECK(a.amount_rejected == b.amount_rejected, "%zu rows", quick->n_rows);
    for (size_t i = 0; i < quick->n_rows; ++i)
        sum += quick->row[i].amount;
    FUZZ_CHECK(sum == a.amount_used, "%zu rows", quick->n_rows);
}

static void check_rejects(const struct strata_rejects *quick, const struct strata_rejects *careful)
{
    FUZZ_CHECK(quick->n == careful->n, "%zu rejects, carefully %zu", quick->n, careful->n);
    for (size_t i = 0; i < quick->n; ++i) {
        const struct strata_reject *a = &quick->reject[i], *b = &careful->reject[i];
        FUZZ_CHECK(a->line == b->line && a->byte == b->byte && a->origin == b->origin && a->column == b->column,
                   "line %llu, carefully %llu", (unsigned long long)a->line, (unsigned long long)b->line);
        FUZZ_CHECK(a->reason == b->reason && a->n_value == b->n_value && memcmp(a->value, b->value, a->n_value) == 0,
                   "line %llu: reason %d, carefully %d", (unsigned long long)a->line, a->reason, b->reason);
    }
}

static void check_passes(const struct pass *quick, const struct pass *careful)
{
    FUZZ_CHECK(quick->status == careful->status, "%s, carefully %s", quick->error.message, careful->error.message);
    if (quick->status != STRATA_OK) {
        FUZZ_CHECK(strcmp(quick->error.message, careful->error.message) == 0, "%s, carefully %s", quick->error.message,
                   careful->error.message);
        return;
    }
    const struct strata_ingest_file *a = &quick->ingest.file[0], *b = &careful->ingest.file[0];
    check_account(quick, careful);
    check_rejects(&quick->ingest.rejects, &careful->ingest.rejects);
    FUZZ_CHECK(quick->n_rows == 0 || memcmp(quick->row, careful->row, quick->n_rows * sizeof *quick->row) == 0,
               "%zu rows", quick->n_rows);
    FUZZ_CHECK(a->hash_high == b->hash_high && a->hash_low == b->hash_low, "%zu rows", quick->n_rows);
}

static void check_file(const uint8_t *setting, const uint8_t *data, size_t n)
{
    static const size_t block_bytes[] = {64, 1, 7, 63, 65, 128, 200, 1024};
    static const char *const time_formats[] = {"iso", "auto", "date", "epoch-s"};
    const char *const paths[] = {fuzz_file(data, n)};
    struct strata_ingest_options options = {
        .transactions = paths,
        .n_transactions = 1,
        .encoding = strata_encoding_word((enum strata_encoding)(setting[3] >> 6)),
        .delimiter = (enum strata_delimiter)(setting[0] % STRATA_N_DELIMITERS),
        .header = setting[3] & 4 ? STRATA_HEADER_AUTO : STRATA_HEADER_YES,
        .time_format = time_formats[setting[3] & 3],
        .time_zone = &utc,
        .exclude_returns = setting[3] & 8,
        .exclude_zero_amounts = setting[3] & 8,
        .with_fingerprint = setting[3] & 16,
        .skip_bad_rows = !(setting[3] & 32),
        .max_bad_rows = UINT64_MAX,
        .threads = 1 + setting[2] % 4,
        .block_bytes = block_bytes[setting[1] % 8],
    };
    if (!(setting[3] & 4)) {
        options.column[STRATA_ROLE_CUSTOMER] = "1";
        options.column[STRATA_ROLE_TIME] = "2";
        options.column[STRATA_ROLE_AMOUNT] = "3";
    }
    struct pass quick, careful;
    if (read_file(&quick, &options, false)) {
        options.threads = 1;
        FUZZ_CHECK(read_file(&careful, &options, true), "%s", careful.error.message);
        check_passes(&quick, &careful);
        release(&careful);
    }
    release(&quick);
}

static void check_variants(struct strata_dialect dialect, const char *text, size_t n)
{
    static uint32_t position[2][POSITIONS_MAX + STRATA_STRUCTURE_SLACK];
    const struct strata_structure_variant *variants;
    struct strata_structure state[2];
    size_t n_variants = strata_structure_variants(&variants), n_positions[2] = {0};
    uint64_t newlines[2], quotes[2];
    for (size_t i = n_variants; i-- > 0;) { /* the last is the reference */
        size_t at = i == n_variants - 1 ? 0 : 1;
        state[at] = strata_structure_begin();
        n_positions[at] = 0;
        variants[i].index(text, 0, n, dialect, &state[at], position[at], &n_positions[at]);
        variants[i].count(text, n, &newlines[at], &quotes[at]);
        if (at == 0)
            continue;
        FUZZ_CHECK(state[1].is_broken == state[0].is_broken, "%s", variants[i].name);
        FUZZ_CHECK(newlines[1] == newlines[0] && quotes[1] == quotes[0], "%s", variants[i].name);
        FUZZ_CHECK(state[1].is_broken || (n_positions[1] == n_positions[0] &&
                                          memcmp(position[1], position[0], n_positions[0] * sizeof *position[0]) == 0),
                   "%s", variants[i].name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < SETTINGS + 1 || n > POSITIONS_MAX)
        return 0;
    const uint8_t *text = data + SETTINGS + 1;
    size_t n_text = n - SETTINGS - 1;
    enum strata_delimiter delimiter = (enum strata_delimiter)(1 + data[0] % (STRATA_N_DELIMITERS - 1));
    char *padded = fuzz_copy(text, n_text, 2 * STRATA_STRUCTURE_WORD);
    check_variants((struct strata_dialect){strata_delimiter_byte(delimiter), delimiter == STRATA_DELIMITER_SPACE},
                   padded, n_text);
    free(padded);
    check_file(data, text, n_text);
    return 0;
}
