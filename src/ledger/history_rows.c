#include "history_rows.h"

#include <stdlib.h>

enum { INSERTION_LIMIT = 32, DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static void insertion_sort(struct strata_history_row *row, size_t n)
{
    for (size_t i = 1; i < n; ++i) {
        struct strata_history_row moving = row[i];
        size_t at = i;
        for (; at > 0 && moving.day < row[at - 1].day; --at)
            row[at] = row[at - 1];
        row[at] = moving;
    }
}

/* Where the ascending run that begins at `from` ends. */
static size_t run_end(const struct strata_history_row *row, size_t n, size_t from)
{
    size_t end = from + 1;
    while (end < n && row[end - 1].day <= row[end].day)
        ++end;
    return end < n ? end : n;
}

/* Merge neighbouring runs from `row` into `spare`. Returns how many runs there are afterwards. */
static size_t merge_runs(const struct strata_history_row *row, struct strata_history_row *spare, size_t n)
{
    size_t n_runs = 0;
    for (size_t from = 0; from < n; ++n_runs) {
        size_t half = run_end(row, n, from), end = half < n ? run_end(row, n, half) : n;
        size_t left = from, right = half;
        for (size_t out = from; out < end; ++out)
            spare[out] = right == end || (left < half && row[left].day <= row[right].day) ? row[left++] : row[right++];
        from = end;
    }
    return n_runs;
}

/* One stable pass over the digit of the days since `first` that begins at bit `shift`. */
static void distribute(const struct strata_history_row *row, struct strata_history_row *to, size_t n, int32_t first,
                       int shift)
{
    size_t next[DIGITS] = {0};
    for (size_t i = 0; i < n; ++i)
        ++next[(uint32_t)(row[i].day - first) >> shift & (DIGITS - 1)];
    for (size_t d = 0, at = 0; d < DIGITS; ++d) {
        size_t count = next[d];
        next[d] = at;
        at += count;
    }
    for (size_t i = 0; i < n; ++i)
        to[next[(uint32_t)(row[i].day - first) >> shift & (DIGITS - 1)]++] = row[i];
}

/* A few years are one pass. */
static struct strata_history_row *radix_sort(struct strata_history_row *row, struct strata_history_row *spare, size_t n)
{
    int32_t first = row[0].day, last = row[0].day;
    for (size_t i = 1; i < n; ++i) {
        first = row[i].day < first ? row[i].day : first;
        last = row[i].day > last ? row[i].day : last;
    }
    for (int shift = 0; (uint32_t)(last - first) >> shift; shift += DIGIT_BITS) {
        distribute(row, spare, n, first, shift);
        struct strata_history_row *sorted = spare;
        spare = row;
        row = sorted;
    }
    return row;
}

/* Files that follow each other give few ascending runs, so merging them costs little; very many rows are spread over
 * their days instead. */
struct strata_history_row *strata_history_rows_sort(struct strata_history_row *row, struct strata_history_row *spare,
                                                    size_t n)
{
    if (run_end(row, n, 0) == n)
        return row;
    if (n <= INSERTION_LIMIT) {
        insertion_sort(row, n);
        return row;
    }
    if (n >= STRATA_HISTORY_MANY)
        return radix_sort(row, spare, n);
    for (size_t n_runs = 2; n_runs > 1;) {
        n_runs = merge_runs(row, spare, n);
        struct strata_history_row *merged = spare;
        spare = row;
        row = merged;
    }
    return row;
}

static int compare_duplicates(const void *a, const void *b, void *context)
{
    const struct strata_history_row *x = a, *y = b;
    const struct strata_history_fields *fields = context;
    const struct strata_ledger_layout *layout = fields->layout;
    const char *of_x = strata_history_fields_of(fields, x), *of_y = strata_history_fields_of(fields, y);
    int order = memcmp(of_x + layout->fingerprint, of_y + layout->fingerprint, sizeof(struct strata_fingerprint));
    if (order)
        return order;
    uint32_t origin_x, origin_y;
    memcpy(&origin_x, of_x + layout->origin, sizeof origin_x);
    memcpy(&origin_y, of_y + layout->origin, sizeof origin_y);
    return (origin_x > origin_y) - (origin_x < origin_y);
}

/* Duplicates are of one day: inside each day sort by fingerprint and origin. */
static void sort_days(struct strata_history_row *row, size_t n, struct strata_history_fields *fields)
{
    for (size_t from = 0, end; from < n; from = end) {
        for (end = from + 1; end < n && row[end].day == row[from].day;)
            ++end;
        if (end - from > 1)
            qsort_r(row + from, end - from, sizeof *row, compare_duplicates, fields);
    }
}

size_t strata_history_rows_drop_duplicates(struct strata_history_row *row, size_t n,
                                           struct strata_history_fields *fields, struct strata_ledger_account *account)
{
    const struct strata_ledger_layout *layout = fields->layout;
    sort_days(row, n, fields);
    size_t kept = 0;
    for (size_t i = 0; i < n; ++i) {
        const char *of_row = strata_history_fields_of(fields, &row[i]);
        if (kept &&
            memcmp(of_row + layout->fingerprint, strata_history_fields_of(fields, &row[kept - 1]) + layout->fingerprint,
                   sizeof(struct strata_fingerprint)) == 0) {
            uint32_t origin;
            memcpy(&origin, of_row + layout->origin, sizeof origin);
            ++account[origin].duplicate_rows;
            account[origin].duplicate_amount += row[i].amount;
            continue;
        }
        row[kept++] = row[i];
    }
    return kept;
}
