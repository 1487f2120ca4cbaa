/* The text parser against another reader and another language: DuckDB reads hundreds of random logs, judges each row in
 * SQL by the rules of the definitions and sums up each customer; strata must agree in every number. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "duckdb_fixture.h"
#include "ingest_fixture.h"
#include "random_log.h"
#include "scratch.h"

static const size_t block_sizes[] = {64, 128, 192, 1024, 0};
static const int thread_counts[] = {1, 2, 3, 8};

/* A blank line before the header counts as a line that is skipped. */
static int lines_to_skip(const struct random_log *log)
{
    const char *text = log->text + (memcmp(log->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
    return *text == '\r' || *text == '\n' ? 2 : 1;
}

/* Texts as they are, one column more than there should be, so that rows with too many fields show; a missing field is
 * NULL. */
static void print_reading(FILE *out, const struct random_log *log, const char *path)
{
    (void)fprintf(out,
                  "read_csv('%s', auto_detect = false, header = false, skip = %d, delim = '%c', quote = '\"', escape = "
                  "'\"', nullstr = chr(1), null_padding = true, parallel = false, columns = {",
                  path, lines_to_skip(log), log->dialect.delimiter);
    for (int c = 0; c <= log->n_columns; ++c)
        (void)fprintf(out, "%s'c%d': 'VARCHAR'", c ? ", " : "", c);
    (void)fputs("})", out);
}

/* A view `judged` of every row: fate, customer, day and amount in 10^-4 units (0 where it cannot be read). */
static void print_judged(FILE *out, const struct random_log *log, const struct strata_ingest_options *options,
                         const char *path)
{
    const int *column = log->column;
    (void)fprintf(out,
                  "WITH fields AS (SELECT c%d IS NULL AND c%d IS NOT NULL AND greatest(strlen(c%d), strlen(c%d), "
                  "strlen(c%d), strlen(c%d)) <= 4096 AS is_whole, c%d AS customer, c%d AS ordered, trim(c%d, ' ' || "
                  "chr(9)) AS amount_text, trim(c%d, ' ' || chr(9)) AS time_text FROM ",
                  log->n_columns, log->n_columns - 1, column[STRATA_ROLE_CUSTOMER], column[STRATA_ROLE_ORDER],
                  column[STRATA_ROLE_AMOUNT], column[STRATA_ROLE_TIME], column[STRATA_ROLE_CUSTOMER],
                  column[STRATA_ROLE_ORDER], column[STRATA_ROLE_AMOUNT], column[STRATA_ROLE_TIME]);
    print_reading(out, log, path);
    (void)fputs("), numbers AS (SELECT *, CASE WHEN is_whole AND regexp_full_match(amount_text, "
                "'[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)') THEN amount_text::DECIMAL(38,8) * 10000 END AS exact, "
                "coalesce(try_strptime(time_text, '%Y-%m-%d'), try_strptime(time_text, '%Y-%m-%d %H:%M:%S'), "
                "try_strptime(time_text, '%Y-%m-%dT%H:%M'))::DATE - DATE '1970-01-01' AS day FROM fields), "
                "typed AS (SELECT *, CASE WHEN exact = trunc(exact) AND exact BETWEEN -9223372036854775808 AND "
                "9223372036854775807 THEN exact::BIGINT END AS amount FROM numbers), ",
                out);
    (void)fprintf(
        out,
        "judged AS (SELECT customer, day, coalesce(amount, 0) AS amount, CASE WHEN NOT is_whole THEN "
        "'rejected' WHEN %s OR coalesce(%s, false) OR coalesce(%s, false) THEN 'excluded' WHEN amount IS NULL "
        "OR day IS NULL OR customer = '' OR ordered = '' THEN 'rejected' ELSE 'used' END AS fate FROM typed) ",
        options->exclude_order_prefix ? "starts_with(ordered, 'C')" : "false",
        options->exclude_returns ? "amount < 0" : "false", options->exclude_zero_amounts ? "amount = 0" : "false");
}

/* First the account of all rows, then each customer's numbers. */
static const char question[] =
    "SELECT '' AS customer, concat_ws(' ', count(*), count(*) FILTER (fate = 'used'), count(*) FILTER (fate = "
    "'rejected'), count(*) FILTER (fate = 'excluded'), coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (fate = "
    "'used'), 0), coalesce(sum(amount) FILTER (fate = 'rejected'), 0), coalesce(sum(amount) FILTER (fate = "
    "'excluded'), "
    "0)) AS numbers FROM judged UNION ALL SELECT customer, concat_ws(' ', count(*), sum(amount), min(day), max(day)) "
    "FROM judged WHERE fate = 'used' GROUP BY customer ORDER BY customer";

static void ask(struct duckdb_rows *rows, const struct random_log *log, const struct strata_ingest_options *options,
                const char *path)
{
    char *sql;
    size_t n;
    FILE *out = open_memstream(&sql, &n);
    print_judged(out, log, options, path);
    (void)fputs(question, out);
    (void)fclose(out);
    const struct strata_source_request request = {.from = "duckdb", .query = sql, .threads = 1};
    duckdb_read(rows, &request, "customer numbers");
    cr_assert_eq(rows->status, STRATA_OK, "%s", rows->error.message);
    free(sql);
}

/* The rows are sorted by customer. */
static void assert_customers(const struct collected *collected, const struct duckdb_rows *wanted, uint64_t seed)
{
    size_t n_found = 1;
    for (size_t i = 0, end; i < collected->n_rows; i = end) {
        const struct collected_row *row = collected->row;
        __int128 sum = 0;
        int32_t first = INT32_MAX, last = INT32_MIN;
        char *found;
        size_t n;
        FILE *out = open_memstream(&found, &n);
        for (end = i; end < collected->n_rows && strcmp(row[end].customer, row[i].customer) == 0; ++end) {
            sum += row[end].amount;
            first = row[end].day < first ? row[end].day : first;
            last = row[end].day > last ? row[end].day : last;
        }
        (void)fprintf(out, "%s|%zu ", row[i].customer, end - i);
        print_int128(out, sum);
        (void)fprintf(out, " %d %d", first, last);
        (void)fclose(out);
        cr_assert_lt(n_found, wanted->n, "seed %" PRIu64 ": '%s' is too many", seed, row[i].customer);
        cr_assert_str_eq(found, wanted->row[n_found], "seed %" PRIu64 ": '%s', not '%s'", seed, found,
                         wanted->row[n_found]);
        ++n_found;
        free(found);
    }
    cr_assert_eq(n_found, wanted->n, "seed %" PRIu64, seed);
}

static void assert_account(const struct collected *collected, const struct duckdb_rows *wanted, uint64_t seed)
{
    const struct strata_ingest_account *account = &collected->ingest.file[0].account;
    const strata_amount_total totals[] = {
        account->read,        account->used,        account->rejected,        account->excluded,
        account->amount_read, account->amount_used, account->amount_rejected, account->amount_excluded};
    char *found;
    size_t n;
    FILE *out = open_memstream(&found, &n);
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; ++i) {
        (void)fputc(i ? ' ' : '|', out);
        print_int128(out, totals[i]);
    }
    (void)fclose(out);
    cr_assert_str_eq(found, wanted->row[0], "seed %" PRIu64 ": '%s', not '%s'", seed, found, wanted->row[0]);
    free(found);
}

static size_t check_log(const struct scratch *scratch, uint64_t seed, size_t n_rows, int n_runs)
{
    struct random_log log;
    struct duckdb_rows wanted;
    struct strata_ingest_options options = ingest_defaults();
    random_log_make_tame(&log, seed, n_rows);
    options.skip_bad_rows = true;
    options.delimiter = log.delimiter;
    options.time_format = "iso";
    options.exclude_order_prefix = random_once_in(&log.source, 2) ? "C" : NULL;
    options.exclude_returns = random_once_in(&log.source, 3);
    options.exclude_zero_amounts = random_once_in(&log.source, 3);
    char *path = scratch_write(scratch, "log.csv", log.text, log.n);
    ask(&wanted, &log, &options, path);
    for (int run = 0; run < n_runs; ++run) {
        struct collected collected = {0};
        options.block_bytes = block_sizes[(seed + (uint64_t)run) % 5];
        options.threads = thread_counts[(seed / 5 + (uint64_t)run) % 4];
        collect(&collected, path, &options);
        cr_assert_eq(collected.status, STRATA_OK, "seed %" PRIu64 ": %s", seed, collected.error.message);
        assert_account(&collected, &wanted, seed);
        assert_customers(&collected, &wanted, seed);
        collected_release(&collected);
    }
    size_t n_customers = wanted.n - 1;
    duckdb_rows_release(&wanted);
    free(path);
    random_log_release(&log);
    return n_customers;
}

Test(logs_against_duckdb, hundreds_of_random_logs)
{
    struct scratch scratch;
    size_t n_customers = 0;
    duckdb_need();
    scratch_make(&scratch);
    for (uint64_t seed = 1; seed <= 300; ++seed)
        n_customers += check_log(&scratch, seed, 20 + seed % 150, 3);
    cr_assert_gt(n_customers, 5000);
    scratch_remove(&scratch);
}

Test(logs_against_duckdb, longer_logs)
{
    struct scratch scratch;
    duckdb_need();
    scratch_make(&scratch);
    for (uint64_t seed = 1000; seed < 1003; ++seed)
        (void)check_log(&scratch, seed, 5000, 5);
    scratch_remove(&scratch);
}
