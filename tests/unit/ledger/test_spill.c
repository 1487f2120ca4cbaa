#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "chunk.h"
#include "ledger.h"
#include "random_source.h"
#include "scratch.h"
#include "spill.h"
#include "temporary_file.h"

/* What a history says, but for the order of rows inside a day, which is free. */
struct digest {
    size_t n_purchases, n_orders, n_returns, n_channels, n_categories;
    uint64_t purchases, orders, returns;
};

struct collected {
    size_t n;
    struct strata_key *customer;
    struct digest *digest;
    struct strata_ledger_account account[3];
};

static uint64_t mix(const int32_t *day, const int64_t *amount, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; ++i) {
        cr_assert(i == 0 || day[i - 1] <= day[i]);
        uint64_t x = ((uint64_t)amount[i] ^ (uint64_t)day[i] << 40) * 0x9E3779B97F4A7C15u;
        sum += (x ^ x >> 29) * 0xBF58476D1CE4E5B9u;
    }
    return sum;
}

static enum strata_status reserve(void *context, size_t n_customers, struct strata_error *err)
{
    (void)err;
    struct collected *collected = context;
    collected->customer = realloc(collected->customer, n_customers * sizeof *collected->customer);
    collected->digest = realloc(collected->digest, n_customers * sizeof *collected->digest);
    return STRATA_OK;
}

static enum strata_status add(void *context, size_t n, struct strata_error *err)
{
    (void)err;
    cr_assert_gt(n, 0u);
    ((struct collected *)context)->n += n;
    return STRATA_OK;
}

static void visit(void *context, size_t index, struct strata_key id, const struct strata_history *history)
{
    struct collected *collected = context;
    struct digest *digest = &collected->digest[index];
    collected->customer[index] = id;
    *digest = (struct digest){0};
    digest->n_purchases = history->n_purchases;
    digest->n_orders = history->n_orders;
    digest->n_returns = history->n_returns;
    digest->n_channels = history->n_channels;
    digest->n_categories = history->n_categories;
    digest->purchases = mix(history->day, history->amount, history->n_purchases);
    digest->orders = mix(history->order_day, history->order_amount, history->n_orders);
    digest->returns = mix(history->return_day, history->return_amount, history->n_returns);
}

enum { N_ROWS = 24000, N_CUSTOMERS = 1500, BATCH = 300, N_ORIGINS = 3 };

static struct strata_key_arena arena;
static struct strata_key key[N_ROWS], order[N_ROWS];
static int32_t day[N_ROWS];
static int64_t amount[N_ROWS];
static uint64_t channel[N_ROWS], category[N_ROWS];
static struct strata_fingerprint fingerprint[N_ROWS];
static struct scratch scratch;
static uint64_t text_bytes; /* of each thread */

/* Short, wide and long ids, one customer with a tenth of all rows, amounts of both widths, duplicates. */
static void setup(void)
{
    struct random_source source = {.seed = 77};
    struct strata_error err = {0};
    for (size_t i = 0; i < N_ROWS; ++i) {
        char id[64];
        size_t customer = random_once_in(&source, 10) ? 0 : random_below(&source, N_CUSTOMERS);
        int n = snprintf(id, sizeof id,
                         customer % 5 == 1   ? "wide-customer-%zu"
                         : customer % 5 == 2 ? "a customer with a name that is long %zu"
                                             : "C%zu",
                         customer);
        cr_assert_eq(strata_key_encode(id, (size_t)n, &arena, &key[i], &err), STRATA_OK);
        n = snprintf(id, sizeof id, "O%llu", (unsigned long long)random_below(&source, 5));
        order[i] = strata_key_from_short(id, (size_t)n);
        day[i] = (int32_t)random_below(&source, 400);
        amount[i] = (int64_t)random_below(&source, 100000) - 9000;
        if (random_once_in(&source, 40))
            amount[i] *= (int64_t)1 << 34;
        channel[i] = random_below(&source, 4);
        category[i] = random_below(&source, 50);
        fingerprint[i] = (struct strata_fingerprint){.low = i};
        if (i && random_once_in(&source, 30)) {
            key[i] = key[i - 1];
            order[i] = order[i - 1];
            day[i] = day[i - 1];
            amount[i] = amount[i - 1];
            channel[i] = channel[i - 1];
            category[i] = category[i - 1];
            fingerprint[i] = fingerprint[i - 1];
        }
    }
    scratch_make(&scratch);
}

static void teardown(void)
{
    scratch_remove(&scratch);
    strata_key_arena_release(&arena);
}

TestSuite(spill, .init = setup, .fini = teardown);

static enum strata_status append_all(struct strata_ledger *ledger, const struct strata_ledger_options *options,
                                     struct strata_error *err)
{
    enum strata_status status = strata_ledger_init(ledger, options, err);
    cr_assert_eq(status, STRATA_OK);
    for (size_t from = 0; from < N_ROWS && status == STRATA_OK; from += BATCH) {
        const struct strata_batch batch = {
            .n_rows = BATCH,
            .origin = (uint32_t)(from * N_ORIGINS / N_ROWS),
            .customer = key + from,
            .day = day + from,
            .amount = amount + from,
            .order = order + from,
            .channel = channel + from,
            .category = category + from,
            .fingerprint = fingerprint + from,
        };
        (void)strata_ledger_count_texts(ledger, (int)(from / BATCH) % options->threads, text_bytes);
        status = strata_ledger_append(ledger, (int)(from / BATCH) % options->threads, &batch, err);
    }
    return status;
}

static struct collected group(const struct strata_ledger_options *options, const struct strata_ledger_filter *filter)
{
    struct strata_ledger ledger;
    struct strata_error err = {0};
    struct collected collected = {0};
    cr_assert_eq(append_all(&ledger, options, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(strata_ledger_rows(&ledger), N_ROWS);
    cr_assert_eq(strata_ledger_spilled_bytes(&ledger) > 0, options->memory_limit > 0);
    const struct strata_ledger_visitor visitor = {&collected, reserve, add, visit, NULL};
    cr_assert_eq(strata_ledger_group(&ledger, filter, &visitor, collected.account, NULL, NULL, &err), STRATA_OK, "%s",
                 err.message);
    strata_ledger_release(&ledger);
    return collected;
}

static void check_same(const struct strata_ledger_filter *filter, unsigned fields)
{
    struct strata_ledger_options options = {.threads = 1, .fields = fields, .n_origins = N_ORIGINS};
    struct collected wanted = group(&options, filter);
    static const uint64_t limits[] = {1, 64 << 10, 300 << 10};
    for (int threads = 1; threads <= 7; threads = threads * 2 + 1)
        for (size_t i = 0; i < sizeof limits / sizeof limits[0]; ++i) {
            options.threads = threads;
            options.memory_limit = limits[i];
            options.temp_dir = scratch.path;
            struct collected found = group(&options, filter);
            cr_assert_eq(found.n, wanted.n);
            for (size_t c = 0; c < wanted.n; ++c) {
                cr_assert(strata_key_equal(found.customer[c], wanted.customer[c]));
                cr_assert_eq(memcmp(&found.digest[c], &wanted.digest[c], sizeof wanted.digest[c]), 0);
            }
            for (int o = 0; o < N_ORIGINS; ++o) {
                cr_assert_eq(found.account[o].excluded_rows, wanted.account[o].excluded_rows);
                cr_assert_eq(found.account[o].duplicate_rows, wanted.account[o].duplicate_rows);
                cr_assert(found.account[o].excluded_amount == wanted.account[o].excluded_amount);
                cr_assert(found.account[o].duplicate_amount == wanted.account[o].duplicate_amount);
            }
            free(found.customer);
            free(found.digest);
        }
    free(wanted.customer);
    free(wanted.digest);
}

Test(spill, plain_rows_come_back)
{
    const struct strata_ledger_filter everything = {INT32_MIN, INT32_MAX, false};
    check_same(&everything, 0);
}

Test(spill, all_fields_come_back)
{
    const struct strata_ledger_filter everything = {INT32_MIN, INT32_MAX, false};
    check_same(&everything, STRATA_HAS_ORDER | STRATA_HAS_CHANNEL | STRATA_HAS_CATEGORY);
}

Test(spill, what_is_left_out_is_accounted_for_once)
{
    const struct strata_ledger_filter filter = {50, 350, true};
    check_same(&filter, STRATA_HAS_ORDER | STRATA_HAS_CHANNEL | STRATA_HAS_CATEGORY | STRATA_HAS_ORIGIN |
                            STRATA_HAS_FINGERPRINT);
}

Test(spill, nothing_left_is_no_customer)
{
    const struct strata_ledger_filter filter = {1000, 2000, false};
    check_same(&filter, STRATA_HAS_ORIGIN);
}

Test(spill, an_unusable_folder_is_an_error)
{
    struct strata_ledger ledger;
    struct strata_error err = {0};
    const struct strata_ledger_options options = {.threads = 2,
                                                  .n_origins = 1,
                                                  .memory_limit = 1,
                                                  .temp_dir = "/no/pe"};
    cr_assert_eq(append_all(&ledger, &options, &err), STRATA_IO);
    cr_assert(strstr(err.message, "/no/pe: No such file") && strstr(err.message, "--temp-dir"), "%s", err.message);
    strata_ledger_release(&ledger);
}

static void limit_file_size(rlim_t n_bytes)
{
    (void)signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit = {n_bytes, n_bytes};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(spill, a_full_disk_is_an_error_while_rows_come)
{
    struct strata_ledger ledger;
    struct strata_error err = {0};
    const struct strata_ledger_options options = {.threads = 2,
                                                  .n_origins = 1,
                                                  .memory_limit = 64 << 10,
                                                  .temp_dir = scratch.path};
    limit_file_size(100000);
    cr_assert_eq(append_all(&ledger, &options, &err), STRATA_IO);
    cr_assert(strstr(err.message, scratch.path) && strstr(err.message, "--memory-limit"), "%s", err.message);
    strata_ledger_release(&ledger);
}

Test(spill, texts_of_ids_take_the_place_of_rows)
{
    const struct strata_ledger_filter everything = {INT32_MIN, INT32_MAX, false};
    struct strata_ledger_options options = {.threads = 2,
                                            .n_origins = N_ORIGINS,
                                            .memory_limit = 16 << 20,
                                            .temp_dir = scratch.path};
    struct strata_ledger ledger;
    struct strata_error err = {0};
    cr_assert_eq(append_all(&ledger, &options, &err), STRATA_OK);
    cr_assert_eq(strata_ledger_spilled_bytes(&ledger), 0u);
    strata_ledger_release(&ledger);
    text_bytes = (8 << 20) - (64 << 10);
    struct collected found = group(&options, &everything); /* checks that some are spilled */
    text_bytes = 0;
    options.memory_limit = 0;
    struct collected wanted = group(&options, &everything);
    cr_assert_eq(found.n, wanted.n);
    cr_assert_eq(memcmp(found.digest, wanted.digest, wanted.n * sizeof *wanted.digest), 0);
    free(found.customer);
    free(found.digest);
    free(wanted.customer);
    free(wanted.digest);
}

/* What grouping says with so much memory for rows, and for all. */
static void check_grouping_refused(uint64_t memory_limit, uint64_t grouping_limit, const char *text)
{
    struct strata_ledger ledger;
    struct strata_error err = {0};
    struct collected collected = {0};
    const struct strata_ledger_filter everything = {INT32_MIN, INT32_MAX, false};
    const struct strata_ledger_visitor visitor = {&collected, reserve, add, visit, NULL};
    const struct strata_ledger_options options = {.threads = 2,
                                                  .n_origins = 1,
                                                  .memory_limit = memory_limit,
                                                  .grouping_limit = grouping_limit,
                                                  .temp_dir = scratch.path};
    cr_assert_eq(append_all(&ledger, &options, &err), STRATA_OK);
    cr_assert_eq(strata_ledger_group(&ledger, &everything, &visitor, NULL, NULL, NULL, &err), STRATA_MEMORY);
    cr_assert(strstr(err.message, text) && strstr(err.message, "raise --memory-limit"), "%s", err.message);
    strata_ledger_release(&ledger);
    free(collected.customer);
    free(collected.digest);
}

Test(spill, a_customer_beyond_the_limit_is_an_error)
{
    check_grouping_refused(0, 64 << 10, "transactions of one customer, or of few");
}

Test(spill, a_partition_beyond_the_limit_is_an_error)
{
    check_grouping_refused(1, 10 << 10, "come back from a temporary file");
}

/* The most that a neighbourhood of the ledger has on the disk. */
static uint64_t largest_neighbourhood(const struct strata_ledger *ledger)
{
    uint64_t largest = 0;
    for (size_t h = 0; h < STRATA_LEDGER_NEIGHBOURHOODS; ++h) {
        uint64_t n_bytes = 0;
        for (int t = 0; t < ledger->options.threads; ++t)
            for (size_t p = h * STRATA_LEDGER_NEIGHBOURS; p < (h + 1) * STRATA_LEDGER_NEIGHBOURS; ++p)
                n_bytes += ledger->thread[t].spilled[p];
        largest = n_bytes > largest ? n_bytes : largest;
    }
    return largest;
}

/* All rows wait in a file, and parts of neighbourhoods come back under a limit for grouping: so many eighths of
 * what the largest neighbourhood has there. The customers are the same. */
static void check_parts(unsigned fields, uint64_t eighths)
{
    const struct strata_ledger_filter everything = {INT32_MIN, INT32_MAX, false};
    struct strata_ledger_options options = {.threads = 2, .fields = fields, .n_origins = N_ORIGINS};
    struct collected wanted = group(&options, &everything), found = {0};
    struct strata_ledger ledger;
    struct strata_error err = {0};
    options.temp_dir = scratch.path;
    cr_assert_eq(append_all(&ledger, &options, &err), STRATA_OK);
    cr_assert_eq(strata_ledger_spill_rest(&ledger, &err), STRATA_OK);
    const uint64_t largest = largest_neighbourhood(&ledger);
    ledger.options.grouping_limit = largest * eighths / 8;
    const struct strata_ledger_visitor visitor = {&found, reserve, add, visit, NULL};
    cr_assert_eq(strata_ledger_group(&ledger, &everything, &visitor, NULL, NULL, NULL, &err), STRATA_OK, "%s",
                 err.message);
    cr_assert_gt(ledger.n_returned, 0u);
    cr_assert_lt(ledger.n_returned, largest);
    cr_assert_leq(ledger.n_returned, ledger.options.grouping_limit);
    cr_assert_eq(found.n, wanted.n);
    for (size_t c = 0; c < wanted.n; ++c)
        cr_assert(strata_key_equal(found.customer[c], wanted.customer[c]));
    cr_assert_eq(memcmp(found.digest, wanted.digest, wanted.n * sizeof *wanted.digest), 0);
    strata_ledger_release(&ledger);
    free(found.customer);
    free(found.digest);
    free(wanted.customer);
    free(wanted.digest);
}

/* Row i is of customer number(i). */
static void rename_customers(size_t (*number)(size_t row))
{
    for (size_t i = 0; i < N_ROWS; ++i) {
        char id[16];
        int n = snprintf(id, sizeof id, "C%zu", number(i));
        key[i] = strata_key_from_short(id, (size_t)n);
    }
}

static size_t evenly(size_t row) { return row % 15000; }
static size_t every_other(size_t row) { return row % 2 ? row : 0; }

Test(spill, a_neighbourhood_beyond_the_limit_comes_in_parts)
{
    rename_customers(evenly);
    check_parts(0, 4);
    check_parts(STRATA_HAS_ORDER | STRATA_HAS_CHANNEL | STRATA_HAS_CATEGORY, 4);
}

Test(spill, a_large_customer_comes_alone)
{
    rename_customers(every_other);
    check_parts(0, 31); /* its rows, and what grouping takes for them; the others come in parts */
}

Test(spill, a_full_disk_is_an_error_while_grouping)
{
    struct strata_ledger ledger;
    struct strata_error err = {0};
    struct collected collected = {0};
    const struct strata_ledger_filter everything = {INT32_MIN, INT32_MAX, false};
    const struct strata_ledger_visitor visitor = {&collected, reserve, add, visit, NULL};
    const struct strata_ledger_options options = {.threads = 2,
                                                  .n_origins = 1,
                                                  .memory_limit = 200 << 10,
                                                  .temp_dir = scratch.path};
    cr_assert_eq(append_all(&ledger, &options, &err), STRATA_OK);
    limit_file_size(strata_ledger_spilled_bytes(&ledger));
    cr_assert_eq(strata_ledger_group(&ledger, &everything, &visitor, NULL, NULL, NULL, &err), STRATA_IO);
    cr_assert(strstr(err.message, scratch.path), "%s", err.message);
    strata_ledger_release(&ledger);
}

Test(spill, a_file_that_lost_its_end_is_an_error)
{
    struct strata_ledger ledger;
    struct strata_error err = {0};
    struct collected collected = {0};
    const struct strata_ledger_filter everything = {INT32_MIN, INT32_MAX, false};
    const struct strata_ledger_visitor visitor = {&collected, reserve, add, visit, NULL};
    const struct strata_ledger_options options = {.threads = 1,
                                                  .n_origins = 1,
                                                  .memory_limit = 1,
                                                  .temp_dir = scratch.path};
    cr_assert_eq(append_all(&ledger, &options, &err), STRATA_OK);
    int descriptor = ledger.spill.descriptor;
    ledger.spill.descriptor = open("/dev/null", O_RDWR | O_CLOEXEC);
    close(descriptor);
    cr_assert_eq(strata_ledger_group(&ledger, &everything, &visitor, NULL, NULL, NULL, &err), STRATA_IO);
    cr_assert(strstr(err.message, "shorter"), "%s", err.message);
    strata_ledger_release(&ledger);
}

Test(spill, the_file_has_no_name)
{
    struct strata_temporary_file file = {0};
    struct strata_error err = {0};
    char back[5] = "";
    cr_assert_eq(strata_temporary_file_open(&file, scratch.path, &err), STRATA_OK);
    cr_assert_eq(strata_temporary_file_reserve(&file, 3), 0u);
    cr_assert_eq(strata_temporary_file_reserve(&file, 5), 3u);
    cr_assert_eq(strata_temporary_file_write(&file, "world", 5, 3, &err), STRATA_OK);
    cr_assert_eq(strata_temporary_file_write(&file, "the", 3, 0, &err), STRATA_OK);
    cr_assert_eq(strata_temporary_file_read(&file, back, 5, 2, &err), STRATA_OK);
    cr_assert_eq(memcmp(back, "eworl", 5), 0);
    cr_assert_eq(strata_temporary_file_read(&file, back, 5, 4, &err), STRATA_IO);
    DIR *folder = opendir(scratch.path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        cr_assert_eq(entry->d_name[0], '.', "%s", entry->d_name);
    closedir(folder);
    strata_temporary_file_close(&file);
    strata_temporary_file_close(&file);
}
