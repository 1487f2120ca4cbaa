#include <strata/generate.h>

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "check.h"
#include "memory.h"
#include "orders.h"
#include "rows.h"
#include "season.h"
#include "sink.h"

enum { ORDERS_PER_BLOCK = 8192, MOST_DAYS = 36500, MOST_THREADS = 1024 };

static const uint64_t most_customers = 2000000000;

void strata_generate_options_init(struct strata_generate_options *options)
{
    *options = (struct strata_generate_options){
        .customers = 10000,
        .days = 730,
        .start = "2024-01-01",
        .seed = 1,
        .one_time_share = 0.4,
        .orders_per_year = 12.0,
        .mean_amount = 60.0,
        .return_share = 0.02,
        .multi_line_share = 0.15,
        .ids = STRATA_IDS_SHORT,
        .header = true,
    };
}

static bool is_share(double value) { return value >= 0.0 && value <= 1.0; }

static enum strata_status check_options(const struct strata_generate_options *options, int32_t *first_day,
                                        struct strata_error *err)
{
    if (options->customers < 1 || options->customers > most_customers)
        return strata_fail(err, STRATA_USAGE, "customers to generate: %llu; must be 1 to %llu",
                           (unsigned long long)options->customers, (unsigned long long)most_customers);
    if (options->days < 1 || options->days > MOST_DAYS)
        return strata_fail(err, STRATA_USAGE, "days to generate: %d; must be 1 to %d", options->days, MOST_DAYS);
    if (!options->start || !strata_day_parse(options->start, first_day))
        return strata_fail(err, STRATA_USAGE, "first day to generate: '%s'; must be a date like 2024-01-31",
                           options->start ? options->start : "");
    if (*first_day > STRATA_DAY_MAX - options->days)
        return strata_fail(err, STRATA_USAGE, "%d days from %s end after the year 9999", options->days, options->start);
    const struct {
        const char *name;
        double value;
    } shares[] = {{"one-time buyers", options->one_time_share},
                  {"returned orders", options->return_share},
                  {"orders with several rows", options->multi_line_share}};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; ++i)
        if (!is_share(shares[i].value))
            return strata_fail(err, STRATA_USAGE, "share of %s to generate: %g; must be 0 to 1", shares[i].name,
                               shares[i].value);
    if (!(options->orders_per_year > 0.0 && options->orders_per_year <= 1e4))
        return strata_fail(err, STRATA_USAGE, "orders per year to generate: %g; must be above 0 and at most 10000",
                           options->orders_per_year);
    if (!(options->mean_amount >= 0.01 && options->mean_amount <= 1e6))
        return strata_fail(err, STRATA_USAGE, "mean amount to generate: %g; must be 0.01 to 1000000",
                           options->mean_amount);
    if (options->ids != STRATA_IDS_SHORT && options->ids != STRATA_IDS_UUID)
        return strata_fail(err, STRATA_USAGE, "kind of ids to generate: %d; must be short or uuid", (int)options->ids);
    if (options->threads < 0 || options->threads > MOST_THREADS)
        return strata_fail(err, STRATA_USAGE, "threads: %d; must be 0 (all) to %d", options->threads, MOST_THREADS);
    return STRATA_OK;
}

struct progress {
    const struct strata_observer *observer;
    double began;
    uint64_t rows, bytes;
};

static void tell_progress(const struct progress *progress, double share)
{
    if (!progress->observer || !progress->observer->notify)
        return;
    struct strata_event event = {
        .kind = STRATA_EVENT_PROGRESS,
        .stage = "generate",
        .rows = progress->rows,
        .bytes = progress->bytes,
        .share = share,
        .seconds = omp_get_wtime() - progress->began,
    };
    progress->observer->notify(progress->observer->context, &event);
}

/* Blocks of orders are formatted by all threads and written in turn. */
static enum strata_status write_orders(const struct strata_orders *orders, const struct strata_row_format *format,
                                       int threads, struct strata_sink *sink, struct progress *progress,
                                       struct strata_error *err)
{
    enum { BLOCK_BYTES = ORDERS_PER_BLOCK * STRATA_ORDER_BYTES };
    char *buffers = strata_malloc_array((size_t)threads, BLOCK_BYTES);
    if (!buffers)
        return strata_fail_memory(err, "rows to write", (size_t)threads, BLOCK_BYTES);

    enum strata_status status = STRATA_OK;
    bool failed = false;
    size_t n_blocks = (orders->n + ORDERS_PER_BLOCK - 1) / ORDERS_PER_BLOCK;
#pragma omp parallel for ordered schedule(static, 1) num_threads(threads)
    for (size_t block = 0; block < n_blocks; ++block) {
        char *begin = buffers + (size_t)omp_get_thread_num() * BLOCK_BYTES, *end = begin;
        size_t first = block * ORDERS_PER_BLOCK, last = first + ORDERS_PER_BLOCK;
        if (last > orders->n)
            last = orders->n;
        uint64_t rows = 0;
        bool stop;
#pragma omp atomic read
        stop = failed;
        for (size_t i = first; i < last && !stop; ++i) {
            end = strata_row_format_order(format, &orders->order[i], i, end);
            rows += orders->order[i].lines;
        }
#pragma omp ordered
        if (status == STRATA_OK) {
            status = strata_sink_write(sink, begin, (size_t)(end - begin), err);
            progress->rows += rows;
            progress->bytes += (uint64_t)(end - begin);
            tell_progress(progress, (double)last / (double)orders->n);
            if (status != STRATA_OK) {
#pragma omp atomic write
                failed = true;
            }
        }
    }
    free(buffers);
    return status;
}

enum strata_status strata_generate(const struct strata_generate_options *options, const char *path,
                                   const struct strata_observer *observer, uint64_t *rows, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_season season = {0};
    struct strata_orders orders = {0};
    struct strata_row_format format = {0};
    struct strata_sink sink = {0};
    struct progress progress = {.observer = observer, .began = omp_get_wtime()};
    int32_t first_day = 0;

    STRATA_TRY(check_options(options, &first_day, err));
    int threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    STRATA_TRY(strata_row_format_init(&format, options, first_day, err));
    /* Before the work, so that a path that cannot be written is known at once. */
    STRATA_TRY(strata_sink_open(&sink, path, err));
    STRATA_TRY(strata_season_init(&season, first_day, options->days, err));
    STRATA_TRY(strata_orders_init(&orders, options, &season, threads, err));
    strata_row_format_number_orders(&format, orders.n);
    if (options->header) {
        char header[STRATA_ORDER_BYTES];
        STRATA_TRY(strata_sink_write(&sink, header, (size_t)(strata_row_format_header(&format, header) - header), err));
    }
    STRATA_TRY(write_orders(&orders, &format, threads, &sink, &progress, err));
    STRATA_TRY(strata_sink_publish(&sink, err));
    if (rows)
        *rows = progress.rows;
done:
    strata_sink_release(&sink);
    strata_row_format_release(&format);
    strata_orders_release(&orders);
    strata_season_release(&season);
    return status;
}
