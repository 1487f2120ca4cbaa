#include "config_map.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static const char *const map_name[] = {
    [STRATA_CONFIG_MAP_DEFAULT] = "default", [STRATA_CONFIG_MAP_R_VIGNETTE] = "r-vignette",
    [STRATA_CONFIG_MAP_R_0_3_0] = "r-0.3.0", [STRATA_CONFIG_MAP_CHINESE_8] = "chinese-8",
    [STRATA_CONFIG_MAP_OWN] = "own",
};

static struct strata_level_range level_range(struct strata_score_range range)
{
    return (struct strata_level_range){.from = (int8_t)range.low, .to = (int8_t)range.high};
}

/* "Others" has a Chinese name wherever it comes from. */
static const char *otherwise_zh(const char *name)
{
    const struct strata_label *known = &strata_segment_maps[0].otherwise;
    return strcmp(name, known->name) == 0 ? known->name_zh : NULL;
}

enum strata_status strata_config_map_init(struct strata_config_map *map, const struct strata_config *config,
                                          struct strata_error *err)
{
    const char *name = map_name[config->segments.map];
    *map = (struct strata_config_map){0};
    if (config->segments.map != STRATA_CONFIG_MAP_OWN) {
        map->map = *strata_segment_map_find(name);
        return STRATA_OK;
    }
    size_t n = config->segments.n_rules;
    map->rules = strata_calloc_array(n, sizeof *map->rules);
    if (!map->rules)
        return strata_fail_memory(err, "segment rules", n, sizeof *map->rules);
    for (size_t i = 0; i < n; i++) {
        const struct strata_segment_rule *rule = &config->segments.rules[i];
        map->rules[i] = (struct strata_map_rule){.name = rule->name,
                                                 .name_zh = rule->name_zh,
                                                 .action = rule->action,
                                                 .r = level_range(rule->r),
                                                 .f = level_range(rule->f),
                                                 .m = level_range(rule->m),
                                                 .fm = level_range(rule->fm)};
    }
    const char *otherwise = config->segments.otherwise;
    map->map = (struct strata_segment_map){.name = name,
                                           .grid = STRATA_GRID_AS_SCORED,
                                           .n_rules = (int)n,
                                           .rules = map->rules,
                                           .otherwise = {.name = otherwise, .name_zh = otherwise_zh(otherwise)}};
    return STRATA_OK;
}

void strata_config_map_release(struct strata_config_map *map)
{
    free(map->rules);
    *map = (struct strata_config_map){0};
}

struct strata_score_scale strata_config_score_scale(const struct strata_config *config)
{
    if (strata_config_score_method(config) == STRATA_CONFIG_SCORE_MEAN)
        return (struct strata_score_scale){.lowest = 0, .highest = 1};
    return (struct strata_score_scale){.lowest = 1, .highest = strata_config_score_levels(config)};
}
