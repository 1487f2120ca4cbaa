#include "digest.h"

/* Sums of so many amounts of SMALL_BITS bits are exact in 64 bits. */
enum { BLOCK_ROWS = 64, SMALL_BITS = 57 };

/* One number for each border from STRATA_AGE_30 on. */
enum { LANES = STRATA_N_AGE_BORDERS - STRATA_AGE_30 };
typedef int32_t lanes __attribute__((vector_size(LANES * sizeof(int32_t))));

/* Instead of an age: the last day that is too old for each border. */
struct borders {
    int32_t as_of_day; /* for STRATA_AGE_0 */
    lanes day;
};

static const struct strata_rows_digest no_rows;

/* The days of a block. All borders at once and without a branch: the loop ends where the rows do, whatever their days.
 */
static inline void digest_days(struct strata_rows_digest *digest, const int32_t *day, size_t n, int32_t previous,
                               const struct borders *too_old)
{
    lanes above = {0};
    size_t n_days = 0, n_future = 0;
    uint64_t squares = 0;
    for (size_t i = 0; i < n; ++i) {
        const uint64_t gap = (uint32_t)day[i] - (uint32_t)previous;
        above -= day[i] > too_old->day;
        n_days += gap != 0;
        squares += gap * gap;
        previous = day[i];
    }
    while (n_future < n && day[n - 1 - n_future] > too_old->as_of_day)
        ++n_future;
    digest->n_days = n_days;
    digest->squared_gaps = squares;
    digest->n_up_to[STRATA_AGE_0] = n_future;
    for (int b = 0; b < LANES; ++b)
        digest->n_up_to[STRATA_AGE_30 + b] = (uint32_t)above[b];
}

static strata_wide sum_wide(const int64_t *amount, size_t n)
{
    strata_wide sum = 0;
    for (size_t i = 0; i < n; ++i)
        sum += amount[i];
    return sum;
}

/* The amounts of a block whose days are known. The youngest rows are the last, so the sum up to a border is the
 * difference of two running sums. */
static inline void digest_amounts(struct strata_rows_digest *digest, const int64_t *amount, size_t n)
{
    uint64_t before[BLOCK_ROWS + 1], sum = 0, bits = 0;
    int64_t largest = 0;
    for (size_t i = 0; i < n; ++i) {
        before[i] = sum;
        sum += (uint64_t)amount[i];
        bits |= (uint64_t)(amount[i] ^ amount[i] >> 63);
        largest = amount[i] > largest ? amount[i] : largest;
    }
    before[n] = sum;
    digest->largest = largest;
    if (bits >> SMALL_BITS == 0) {
        digest->sum = (int64_t)sum;
        for (int b = 0; b < STRATA_N_AGE_BORDERS; ++b)
            digest->sum_up_to[b] = (int64_t)(sum - before[n - digest->n_up_to[b]]);
    } else {
        digest->sum = sum_wide(amount, n);
        for (int b = 0; b < STRATA_N_AGE_BORDERS; ++b)
            digest->sum_up_to[b] = sum_wide(amount + n - digest->n_up_to[b], digest->n_up_to[b]);
    }
}

static void add(struct strata_rows_digest *digest, const struct strata_rows_digest *block)
{
    digest->n_days += block->n_days;
    digest->squared_gaps += block->squared_gaps;
    digest->largest = block->largest > digest->largest ? block->largest : digest->largest;
    digest->sum += block->sum;
    for (int b = 0; b < STRATA_N_AGE_BORDERS; ++b) {
        digest->n_up_to[b] += block->n_up_to[b];
        digest->sum_up_to[b] += block->sum_up_to[b];
    }
}

static inline void digest_rows(struct strata_rows_digest *digest, const int32_t *day, const int64_t *amount, size_t n,
                               const struct borders *too_old)
{
    size_t done = n < BLOCK_ROWS ? n : BLOCK_ROWS;
    digest_days(digest, day, done, n ? day[0] : 0, too_old);
    digest_amounts(digest, amount, done);
    digest->n_days += n > 0;
    for (size_t block; done < n; done += block) {
        struct strata_rows_digest more;
        block = n - done < BLOCK_ROWS ? n - done : BLOCK_ROWS;
        digest_days(&more, day + done, block, day[done - 1], too_old);
        digest_amounts(&more, amount + done, block);
        add(digest, &more);
    }
}

void strata_digest_make(struct strata_digest *digest, const struct strata_history *history,
                        const struct strata_window *window)
{
    struct borders too_old = {.as_of_day = window->as_of_day};
    for (int b = 0; b < LANES; ++b)
        too_old.day[b] = window->as_of_day - strata_age_border[STRATA_AGE_30 + b] - 1;

    digest_rows(&digest->purchases, history->day, history->amount, history->n_purchases, &too_old);

    digest->orders = &digest->purchases;
    if (history->order_day != history->day || history->order_amount != history->amount ||
        history->n_orders != history->n_purchases) {
        digest_rows(&digest->own[0], history->order_day, history->order_amount, history->n_orders, &too_old);
        digest->orders = &digest->own[0];
    }

    digest->returns = &no_rows;
    if (history->n_returns) {
        digest_rows(&digest->own[1], history->return_day, history->return_amount, history->n_returns, &too_old);
        digest->returns = &digest->own[1];
    }
    digest->net_returns = window->returns == STRATA_RETURNS_NET ? digest->returns : &no_rows;
}
