#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_min.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "transforms.h"

enum { SAMPLE_VALUES = 1 << 16, LARGEST_POWER = 5, MOST_STEPS = 60 };

/* Powers beyond what doubles hold end here. */
static const double largest_value = 1e100;

static double clamped(double value) { return fmin(fmax(value, -largest_value), largest_value); }

/* (x^power - 1) / power for x = exp(log_x), which is log_x for power 0. */
static double power_of(double log_x, double power) { return power == 0 ? log_x : expm1(power * log_x) / power; }

/* The logarithm of what power_of gave; at most that of the largest value. */
static double log_of(double value, double power)
{
    static const double largest_log = 230.2585092994046;
    if (power == 0)
        return fmin(value, largest_log);
    double argument = power * value;
    return argument <= -1 ? (power < 0 ? largest_log : -largest_log) : log1p(argument) / power;
}

static double yeo_johnson(double x, double lambda)
{
    return clamped(x >= 0 ? power_of(log1p(x), lambda) : -power_of(log1p(-x), 2 - lambda));
}

static double box_cox(double x, double lambda) { return clamped(power_of(log(x), lambda)); }

void strata_yeo_johnson_forward(const struct strata_preparation *preparation, int c, double *value, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        value[i] = yeo_johnson(value[i], preparation->lambda[c]);
}

double strata_yeo_johnson_back(const struct strata_preparation *preparation, int c, double value)
{
    double lambda = preparation->lambda[c];
    return value >= 0 ? expm1(log_of(value, lambda)) : -expm1(log_of(-value, 2 - lambda));
}

void strata_box_cox_forward(const struct strata_preparation *preparation, int c, double *value, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        value[i] = box_cox(value[i], preparation->lambda[c]);
}

double strata_box_cox_back(const struct strata_preparation *preparation, int c, double value)
{
    return exp(log_of(value, preparation->lambda[c]));
}

/* What the likelihood is computed from. */
struct likelihood {
    const double *log; /* n: of x for Box-Cox, sign(x) log(1 + |x|) for Yeo-Johnson */
    double *work;      /* n */
    size_t n;
    double mean_log;
    int side; /* 1: one power for all values, so for positive ones; -1: one for negative ones; 0: both */
};

/* Values of one sign are taken relative to their geometric mean, which leaves the likelihood as it is: the power of a
 * large common size would leave no digits. */
static double powered(const struct likelihood *data, double log_x, double lambda)
{
    if (data->side > 0)
        return power_of(log_x - data->mean_log, lambda);
    if (data->side < 0)
        return -power_of(data->mean_log - log_x, 2 - lambda);
    return log_x >= 0 ? power_of(log_x, lambda) : -power_of(-log_x, 2 - lambda);
}

/* Minus the profile log-likelihood per value, up to a constant; finite for every power. */
static double unlikelihood(double lambda, void *context)
{
    const struct likelihood *data = context;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < data->n; ++i)
        sum += data->work[i] = powered(data, data->log[i], lambda);
    double mean = sum / (double)data->n;
    for (size_t i = 0; i < data->n; ++i)
        squares += (data->work[i] - mean) * (data->work[i] - mean);
    double value = 0.5 * log(squares / (double)data->n);
    if (data->side == 0)
        value -= (lambda - 1) * data->mean_log;
    return isfinite(value) ? value : GSL_DBL_MAX;
}

/* A minimum inside lower..upper, both of which are worse than the power between them. Brent's method; its state is
 * memory of our own, because GSL's allocation ends the program where there is none. */
static enum strata_status minimise(struct likelihood *data, double lower, double middle, double upper, double *lambda,
                                   struct strata_error *err)
{
    const gsl_min_fminimizer_type *type = gsl_min_fminimizer_brent;
    gsl_function function = {.function = unlikelihood, .params = data};
    gsl_min_fminimizer search = {.type = type, .state = strata_calloc_array(1, type->size)};
    if (!search.state)
        return strata_fail_memory(err, "the search for a power", 1, type->size);
    int code = gsl_min_fminimizer_set_with_values(&search, &function, middle, unlikelihood(middle, data), lower,
                                                  unlikelihood(lower, data), upper, unlikelihood(upper, data));
    for (int step = 0; code == GSL_SUCCESS && step < MOST_STEPS && search.x_upper - search.x_lower > 1e-7; ++step)
        code = gsl_min_fminimizer_iterate(&search);
    *lambda = search.x_minimum;
    free(search.state);
    return STRATA_OK;
}

/* The likelihood has one maximum: the best whole power is next to it, or it is beyond the bounds. */
static enum strata_status find_power(struct likelihood *data, double *lambda, struct strata_error *err)
{
    static const double near = 1e-4;
    double best = -LARGEST_POWER, least = unlikelihood(best, data);
    for (int power = 1 - LARGEST_POWER; power <= LARGEST_POWER; ++power) {
        double value = unlikelihood(power, data);
        if (value < least) {
            least = value;
            best = power;
        }
    }
    double lower = fmax(best - 1, -LARGEST_POWER), upper = fmin(best + 1, LARGEST_POWER);
    const double middle[] = {best, best + near, best - near, best + 0.5};
    *lambda = best;
    for (size_t i = 0; i < sizeof middle / sizeof *middle; ++i) {
        double value = unlikelihood(middle[i], data);
        if (lower < middle[i] && middle[i] < upper && value < unlikelihood(lower, data) &&
            value < unlikelihood(upper, data))
            return minimise(data, lower, middle[i], upper, lambda, err);
    }
    return STRATA_OK;
}

static bool keeps_apart(double lowest, double highest)
{
    return highest - lowest > 0x1p-24 * fmax(fabs(lowest), fabs(highest));
}

/* All values, or those at the middle of equal steps in rank. */
static enum strata_status draw(const struct strata_order *order, double **value, size_t *n, struct strata_error *err)
{
    uint64_t count = order->count[0];
    *n = count < SAMPLE_VALUES ? (size_t)count : SAMPLE_VALUES;
    *value = strata_malloc_array(*n, sizeof **value);
    struct strata_order_rank *rank = strata_calloc_array(*n, sizeof *rank);
    if (!*value || !rank) {
        free(rank);
        return strata_fail_memory(err, "the values of a column", *n, sizeof *rank);
    }
    for (size_t i = 0; i < *n; ++i)
        rank[i].rank = count / *n * i + (count % *n * i + count / 2) / *n;
    enum strata_status status = strata_order_select(order, rank, *n, *value, err);
    free(rank);
    return status;
}

static enum strata_status fit(const struct strata_transform_source *source, bool needs_positive, double *lambda,
                              struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct likelihood data = {0};
    double *value = NULL;
    *lambda = 1;
    STRATA_TRY(draw(source->order, &value, &data.n, err));
    double lowest = value[0], highest = value[data.n - 1];
    if (!(lowest < highest))
        goto done;
    for (size_t i = 0; i < data.n; ++i) {
        value[i] = needs_positive ? log(value[i]) : copysign(log1p(fabs(value[i])), value[i]);
        data.mean_log += value[i] / (double)data.n;
    }
    data.log = value;
    data.work = strata_malloc_array(data.n, sizeof *data.work);
    if (!data.work)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the powers of %zu values", data.n);
    data.side = needs_positive || lowest >= 0 ? 1 : highest <= 0 ? -1 : 0;
    STRATA_TRY(find_power(&data, lambda, err));
    bool is_apart = needs_positive ? keeps_apart(box_cox(lowest, *lambda), box_cox(highest, *lambda))
                                   : keeps_apart(yeo_johnson(lowest, *lambda), yeo_johnson(highest, *lambda));
    if (!is_apart)
        *lambda = 1;
done:
    free(value);
    free(data.work);
    return status;
}

enum strata_status strata_yeo_johnson_fit(const struct strata_transform_source *source,
                                          struct strata_preparation *preparation, int c, struct strata_error *err)
{
    return fit(source, false, &preparation->lambda[c], err);
}

enum strata_status strata_box_cox_fit(const struct strata_transform_source *source,
                                      struct strata_preparation *preparation, int c, struct strata_error *err)
{
    return fit(source, true, &preparation->lambda[c], err);
}
