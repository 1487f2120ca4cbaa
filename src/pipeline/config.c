#include <strata/config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "options.h"

enum strata_status strata_config_init(struct strata_config *config, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *config = (struct strata_config){0};
    for (size_t i = 0; i < strata_option_count(); i++) {
        const struct strata_option *option = strata_option_at(i);
        if (option->default_text)
            STRATA_TRY(strata_option_assign(option, config, option->default_text, false, err));
    }
done:
    return status;
}

void strata_config_release(struct strata_config *config)
{
    for (size_t i = 0; i < strata_option_count(); i++)
        strata_option_release(strata_option_at(i), config);
    strata_config_rules_release(config);
}

void strata_config_rules_release(struct strata_config *config)
{
    for (size_t i = 0; i < config->segments.n_rules; i++) {
        free(config->segments.rules[i].name);
        free(config->segments.rules[i].name_zh);
        free(config->segments.rules[i].action);
    }
    free(config->segments.rules);
    config->segments.rules = NULL;
    config->segments.n_rules = 0;
}

static enum strata_status fail_unknown(const char *name, struct strata_error *err)
{
    char best[128] = "";
    bool is_flag = strncmp(name, "--", 2) == 0;
    for (size_t i = 0; i < strata_option_count(); i++) {
        const struct strata_option *option = strata_option_at(i);
        const char *candidate[] = {*best ? best : NULL, is_flag ? option->flag : option->name};
        if (!candidate[1])
            continue;
        const char *near = strata_nearest_name(name + 2 * is_flag, candidate + !*best, 1 + (*best != '\0'));
        if (near && near != best)
            snprintf(best, sizeof best, "%s", near);
    }
    if (*best)
        return strata_fail(err, STRATA_USAGE, "there is no option %s\ndid you mean %s%s?", name, is_flag ? "--" : "",
                           best);
    return strata_fail(err, STRATA_USAGE, "there is no option %s\nthe options are in strata run --help", name);
}

static enum strata_status assign(struct strata_config *config, const char *name, const char *value, bool append,
                                 struct strata_error *err)
{
    const struct strata_option *option = strata_option_find(name);
    if (!option)
        return fail_unknown(name, err);
    enum strata_status status = strata_option_assign(option, config, value, append, err);
    return status == STRATA_OK ? status : strata_option_blame(err, status, name);
}

enum strata_status strata_config_set(struct strata_config *config, const char *option, const char *value,
                                     struct strata_error *err)
{
    return assign(config, option, value, false, err);
}

enum strata_status strata_config_add(struct strata_config *config, const char *option, const char *value,
                                     struct strata_error *err)
{
    return assign(config, option, value, true, err);
}

enum strata_status strata_config_get(const struct strata_config *config, const char *name, char **text,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *joined = NULL, *value = NULL;
    size_t n_bytes = 0;
    FILE *stream = NULL;
    const struct strata_option *option = strata_option_find(name);
    if (!option)
        return fail_unknown(name, err);
    if (!(stream = open_memstream(&joined, &n_bytes)))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a value");
    for (size_t i = 0; i < strata_option_n_values(option, config); i++) {
        value = strata_option_value_text(option, config, i);
        if (!value || fprintf(stream, "%s%s", i ? "," : "", value) < 0)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a value");
        free(value);
        value = NULL;
    }
done:
    if (stream && fclose(stream) != 0 && status == STRATA_OK)
        status = strata_fail(err, STRATA_MEMORY, "out of memory for a value");
    free(value);
    if (status == STRATA_OK)
        *text = joined;
    else
        free(joined);
    return status;
}

enum strata_config_score_method strata_config_score_method(const struct strata_config *config)
{
    if (config->scores.method != STRATA_CONFIG_SCORE_AUTO)
        return config->scores.method;
    return config->segments.map == STRATA_CONFIG_MAP_CHINESE_8 ? STRATA_CONFIG_SCORE_MEAN
                                                               : STRATA_CONFIG_SCORE_QUANTILE;
}

int strata_config_score_levels(const struct strata_config *config)
{
    if (config->scores.levels != STRATA_CONFIG_AUTO)
        return (int)config->scores.levels;
    switch (strata_config_score_method(config)) {
    case STRATA_CONFIG_SCORE_MEAN: return 2;
    case STRATA_CONFIG_SCORE_FIXED: return (int)config->scores.recency_cuts.n + 1;
    default: return 5;
    }
}
