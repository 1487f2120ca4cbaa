#include <stdio.h>
#include <stdlib.h>
#include <strata/features.h>
#include <string.h>

#include "calendar.h"
#include "check.h"
#include "config_map.h"
#include "encoding.h"
#include "options.h"
#include "scores.h"
#include "time_format.h"

/* NULL also for a column that is switched off. */
static const char *mapped(const char *column) { return column && *column ? column : NULL; }

static enum strata_status check_columns(const struct strata_config *config, struct strata_error *err)
{
    const char *quantity = mapped(config->columns.quantity), *unit_price = mapped(config->columns.unit_price);
    if (!quantity != !unit_price)
        return strata_fail(err, STRATA_USAGE,
                           "columns.%s (--%s) is given without columns.%s (--%s)\nthe amount is quantity x unit price: "
                           "give both, or give columns.amount (--amount)",
                           quantity ? "quantity" : "unit_price", quantity ? "quantity" : "unit-price",
                           quantity ? "unit_price" : "quantity", quantity ? "unit-price" : "quantity");
    if (quantity && mapped(config->columns.amount))
        return strata_fail(err, STRATA_USAGE,
                           "columns.amount (--amount) and columns.quantity (--quantity) are both given\nkeep one: the "
                           "amount is a column, or it is quantity x unit price");
    const struct {
        const char *name, *column;
    } needed[] = {{"columns.customer", mapped(config->columns.customer)},
                  {"columns.time", mapped(config->columns.time)},
                  {"columns.amount", mapped(config->columns.amount)},
                  {"columns.quantity", quantity},
                  {"columns.unit_price", unit_price}};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        for (size_t j = 0; j < i; j++)
            if (needed[i].column && needed[j].column && strcmp(needed[i].column, needed[j].column) == 0)
                return strata_fail(err, STRATA_USAGE, "%s and %s are the same column, %s\ngive each its own column",
                                   needed[j].name, needed[i].name, needed[i].column);
    return STRATA_OK;
}

static enum strata_status check_input(const struct strata_config *config, struct strata_error *err)
{
    if (config->source && config->transactions.n)
        return strata_fail(err, STRATA_USAGE,
                           "transactions (--transactions) and source (--source) are both given\nkeep one: files, or a "
                           "database");
    if (config->query && config->table)
        return strata_fail(err, STRATA_USAGE,
                           "query (--query) and table (--table) are both given\nkeep one: a query may name the table");
    if (config->source && !config->query && !config->table)
        return strata_fail(err, STRATA_USAGE,
                           "source (--source) is given without query (--query) or table (--table)\nsay what to read "
                           "from it");
    if ((config->query || config->table) && !config->source && !config->transactions.n)
        return strata_fail(err, STRATA_USAGE,
                           "%s is given without source (--source) or transactions (--transactions)\nsay where to read",
                           config->query ? "query (--query)" : "table (--table)");
    return STRATA_OK;
}

static enum strata_status check_encoding(const char *encoding, struct strata_error *err)
{
    struct strata_error reason;
    if (strata_encoding_check(encoding, &reason) == STRATA_OK)
        return STRATA_OK;
    return strata_fail(err, STRATA_USAGE, "encoding (--encoding): %s", reason.message);
}

static enum strata_status check_time_format(const char *format, struct strata_error *err)
{
    static const char *const names[] = {"auto", "iso", "date", "epoch-s", "epoch-ms", "epoch-us", "epoch-ns"};
    static const size_t n_names = sizeof names / sizeof names[0];
    static const char letters[] = "YmdHMSyb";
    bool has_year = false, has_month = false, has_day = false;
    for (size_t i = 0; i < n_names; i++)
        if (strcmp(format, names[i]) == 0)
            return STRATA_OK;
    if (!strchr(format, '%')) {
        const char *near = strata_nearest_name(format, names, n_names);
        return strata_fail(err, STRATA_USAGE,
                           "time_format (--time-format): '%s' is not a format\n%s%s%swrite " STRATA_TIME_FORMAT_WORDS
                           " or a pattern such as %%Y-%%m-%%d",
                           format, near ? "did you mean " : "", near ? near : "", near ? "? " : "");
    }
    for (const char *at = strchr(format, '%'); at; at = strchr(at + 2, '%')) {
        if (!at[1] || !strchr(letters, at[1]))
            return strata_fail(err, STRATA_USAGE,
                               "time_format (--time-format): '%%%.1s' in '%s' is not known\nwrite a pattern of %%Y %%m "
                               "%%d %%H %%M %%S %%y %%b",
                               at + 1, format);
        has_year = has_year || at[1] == 'Y' || at[1] == 'y';
        has_month = has_month || at[1] == 'm' || at[1] == 'b';
        has_day = has_day || at[1] == 'd';
    }
    if (!has_year || !has_month || !has_day)
        return strata_fail(err, STRATA_USAGE,
                           "time_format (--time-format): '%s' has no %s\na date needs %%Y or %%y, %%m or %%b, and %%d",
                           format,
                           !has_year    ? "year"
                           : !has_month ? "month"
                                        : "day");
    return STRATA_OK;
}

static enum strata_status check_time(const struct strata_config *config, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_time_zone zone = {0};
    STRATA_TRY(check_encoding(config->encoding, err));
    STRATA_TRY(check_time_format(config->time_format, err));
    status = strata_time_zone_load(&zone, config->time_zone, err);
    if (status != STRATA_OK)
        status = strata_option_blame(err, status, "time_zone (--time-zone)");
done:
    strata_time_zone_release(&zone);
    return status;
}

static enum strata_status check_rows(const struct strata_config *config, struct strata_error *err)
{
    if (config->max_bad_rows != STRATA_CONFIG_AUTO && config->bad_rows == STRATA_CONFIG_BAD_ROWS_FAIL)
        return strata_fail(err, STRATA_USAGE,
                           "max_bad_rows (--max-bad-rows) has no effect while bad_rows is fail\nwrite bad_rows: skip "
                           "(--bad-rows skip), or remove it");
    return STRATA_OK;
}

/* Option names of the three lists of cut points, in the order of recency, frequency, monetary. */
static const char *const cuts_name[] = {"scores.recency_cuts", "scores.frequency_cuts", "scores.monetary_cuts"};

static enum strata_status check_cuts(const struct strata_config *config, struct strata_error *err)
{
    const struct strata_number_list *cuts[] = {&config->scores.recency_cuts, &config->scores.frequency_cuts,
                                               &config->scores.monetary_cuts};
    bool is_fixed = strata_config_score_method(config) == STRATA_CONFIG_SCORE_FIXED;
    for (size_t i = 0; i < 3; i++) {
        if (!is_fixed && cuts[i]->n)
            return strata_fail(err, STRATA_USAGE,
                               "%s has no effect unless scores.method is fixed\nwrite scores.method: fixed "
                               "(--score-method fixed), or remove it",
                               cuts_name[i]);
        if (is_fixed && !cuts[i]->n)
            return strata_fail(err, STRATA_USAGE,
                               "scores.method is fixed, but there is no %s\ngive the cut points of recency, frequency "
                               "and monetary",
                               cuts_name[i]);
        if (cuts[i]->n >= STRATA_MAX_LEVELS)
            return strata_fail(err, STRATA_USAGE, "%s has %zu cut points\nwrite at most %d", cuts_name[i], cuts[i]->n,
                               STRATA_MAX_LEVELS - 1);
        if (cuts[i]->n != cuts[0]->n)
            return strata_fail(err, STRATA_USAGE, "%s has %zu cut points, but %s has %zu\ngive all three as many",
                               cuts_name[i], cuts[i]->n, cuts_name[0], cuts[0]->n);
        for (size_t j = 1; j < cuts[i]->n; j++)
            if (!(cuts[i]->item[j - 1] < cuts[i]->item[j]))
                return strata_fail(err, STRATA_USAGE, "%s: %g comes before %g\nwrite the cut points in rising order",
                                   cuts_name[i], cuts[i]->item[j - 1], cuts[i]->item[j]);
    }
    return STRATA_OK;
}

static enum strata_status check_levels(const struct strata_config *config, struct strata_error *err)
{
    enum strata_config_score_method method = strata_config_score_method(config);
    int levels = strata_config_score_levels(config);
    bool is_two = config->segments.map == STRATA_CONFIG_MAP_CHINESE_8;
    if (method == STRATA_CONFIG_SCORE_MEAN && levels != 2)
        return strata_fail(err, STRATA_USAGE,
                           "scores.levels is %d, but the method mean has two levels\nremove scores.levels "
                           "(--score-levels), or choose another scores.method%s",
                           levels, is_two ? " and segments.map" : "");
    if (method == STRATA_CONFIG_SCORE_FIXED && levels != (int)config->scores.recency_cuts.n + 1)
        return strata_fail(err, STRATA_USAGE,
                           "scores.levels is %d, but %zu cut points make %zu levels\nremove scores.levels "
                           "(--score-levels), or give %d cut points",
                           levels, config->scores.recency_cuts.n, config->scores.recency_cuts.n + 1, levels - 1);
    if (method != STRATA_CONFIG_SCORE_MEAN && method != STRATA_CONFIG_SCORE_FIXED && levels < STRATA_MIN_LEVELS)
        return strata_fail(err, STRATA_USAGE, "scores.levels is %d\nwrite %d to %d, or choose scores.method: mean",
                           levels, STRATA_MIN_LEVELS, STRATA_MAX_LEVELS);
    return STRATA_OK;
}

static enum strata_status check_map(const struct strata_config *config, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_config_map map = {0};
    struct strata_score_scale scale = strata_config_score_scale(config);
    if (config->segments.map == STRATA_CONFIG_MAP_OWN && !config->segments.n_rules)
        STRATA_GIVE_UP(
            err, STRATA_USAGE,
            "segments.map is own, but there are no segments.rules\nwrite the rules in a configuration file, or "
            "choose another segments.map (--segment-map)");
    STRATA_TRY(strata_config_map_init(&map, config, err));
    STRATA_TRY(strata_segment_map_accepts(&map.map, scale, err));
    STRATA_TRY(strata_segment_map_validate(&map.map, scale, err));
done:
    strata_config_map_release(&map);
    return status;
}

static enum strata_status check_column(const char *name, struct strata_error *err)
{
    enum { MOST = 256 };
    const char *known[MOST];
    size_t n = 0;
    for (size_t i = 0; i < strata_feature_count() && n < MOST; i++)
        known[n++] = strata_feature_at(i)->name;
    for (size_t i = 0; i < (size_t)STRATA_N_SCORES && n < MOST; i++)
        known[n++] = strata_score_columns[i].name;
    for (size_t i = 0; i < n; i++)
        if (strcmp(known[i], name) == 0)
            return STRATA_OK;
    const char *near = strata_nearest_name(name, known, n);
    return strata_fail(err, STRATA_USAGE,
                       "clusters.columns (--cluster-columns): there is no column %s\n%s%s%sthe columns are r_score, "
                       "f_score, m_score and those of strata features",
                       name, near ? "did you mean " : "", near ? near : "", near ? "? " : "");
}

static enum strata_status check_clusters(const struct strata_config *config, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_text_list *columns = &config->clusters.columns;
    if (config->clusters.k == 0 && config->clusters.previous)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "clusters.previous (--previous) is %s, but clusters.k (--clusters) is 0: none are made\n"
                       "leave one of them out",
                       config->clusters.previous);
    if (config->clusters.k == 0)
        goto done;
    if (columns->n == 0)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "clusters.columns (--cluster-columns) is empty\nname the columns, or write "
                       "clusters.k: 0 (--clusters 0) for no clusters");
    if (config->clusters.transform == STRATA_CONFIG_TRANSFORM_BOX_COX &&
        config->clusters.missing == STRATA_CONFIG_MISSING_ZERO)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "clusters.missing (--cluster-missing) is zero, but clusters.transform is box-cox, which takes "
                       "positive values\nchoose another transform, such as yeo-johnson, or missing: median");
    for (size_t i = 0; i < columns->n; i++) {
        STRATA_TRY(check_column(columns->item[i], err));
        for (size_t j = 0; j < i; j++)
            if (strcmp(columns->item[i], columns->item[j]) == 0)
                STRATA_GIVE_UP(err, STRATA_USAGE, "clusters.columns (--cluster-columns) names %s twice\nremove one",
                               columns->item[i]);
    }
done:
    return status;
}

static enum strata_status check_output(const struct strata_config *config, struct strata_error *err)
{
    for (size_t i = 0; i < config->transactions.n; i++)
        if (strcmp(config->transactions.item[i], config->output) == 0)
            return strata_fail(err, STRATA_USAGE,
                               "output (--output) is %s, which is also in transactions\nwrite the snapshot to another "
                               "file",
                               config->output);
    return STRATA_OK;
}

enum strata_status strata_config_validate(const struct strata_config *config, struct strata_error *err)
{
    static enum strata_status (*const checks[])(const struct strata_config *, struct strata_error *) = {
        check_input,  check_columns, check_time,     check_rows,   check_cuts,
        check_levels, check_map,     check_clusters, check_output,
    };
    enum strata_status status = STRATA_OK;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        STRATA_TRY(checks[i](config, err));
done:
    return status;
}
