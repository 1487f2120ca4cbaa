#include "map.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const struct strata_segment_map *strata_segment_map_find(const char *name)
{
    for (int i = 0; i < STRATA_N_SEGMENT_MAPS; ++i)
        if (strcmp(strata_segment_maps[i].name, name) == 0)
            return &strata_segment_maps[i];
    return NULL;
}

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        ++text;
    return text;
}

/* One level with blanks around it; the text after it, NULL if there is none. */
static const char *parse_level(const char *text, int8_t *level)
{
    text = skip_blanks(text);
    if (!isdigit((unsigned char)*text))
        return NULL;
    int value = 0;
    for (; isdigit((unsigned char)*text) && value <= STRATA_HIGHEST_LEVEL; ++text)
        value = 10 * value + (*text - '0');
    if (value > STRATA_HIGHEST_LEVEL)
        return NULL;
    *level = (int8_t)value;
    return skip_blanks(text);
}

enum strata_status strata_segment_range_parse(const char *text, struct strata_level_range *range,
                                              struct strata_error *err)
{
    const char *rest = skip_blanks(text);
    struct strata_level_range parsed = STRATA_ANY_LEVEL;
    if (strncmp(rest, "any", 3) == 0) {
        rest = skip_blanks(rest + 3);
    } else {
        rest = parse_level(rest, &parsed.from);
        parsed.to = parsed.from;
        if (rest && *rest == '-')
            rest = parse_level(rest + 1, &parsed.to);
    }
    if (!rest || *rest)
        return strata_fail(err, STRATA_USAGE, "\"%s\" is not a range of scores; write for example 4-5, 3 or any", text);
    if (parsed.from > parsed.to)
        return strata_fail(err, STRATA_USAGE, "the range of scores \"%s\" runs backwards; write %d-%d", text, parsed.to,
                           parsed.from);
    *range = parsed;
    return STRATA_OK;
}

enum strata_status strata_segment_map_accepts(const struct strata_segment_map *map, struct strata_score_scale scale,
                                              struct strata_error *err)
{
    bool made_by_mean = scale.lowest == 0;
    if (map->grid == STRATA_GRID_MEAN && !made_by_mean)
        return strata_fail(err, STRATA_USAGE,
                           "the segment map %s divides customers at the mean: set scores.method to mean", map->name);
    if (map->grid == STRATA_GRID_FIVE && made_by_mean)
        return strata_fail(err, STRATA_USAGE,
                           "the segment map %s needs scores of 5 levels, and the method mean has 2: set scores.method "
                           "to another method and scores.levels to 5",
                           map->name);
    if (map->grid == STRATA_GRID_FIVE && scale.highest != 5)
        return strata_fail(err, STRATA_USAGE,
                           "the segment map %s needs scores of 5 levels, not %d: set scores.levels to 5 (with the "
                           "method fixed, give 4 cut points)",
                           map->name, scale.highest);
    return STRATA_OK;
}

static bool is_any(struct strata_level_range range) { return range.from <= 0 && range.to == INT8_MAX; }

static enum strata_status validate_rule(const struct strata_map_rule *rule, int number, struct strata_score_scale scale,
                                        struct strata_error *err)
{
    if (!rule->name || !*rule->name)
        return strata_fail(err, STRATA_USAGE, "segment rule %d has no name", number);
    const struct {
        const char *name;
        struct strata_level_range range;
    } ranges[] = {{"r", rule->r}, {"f", rule->f}, {"m", rule->m}, {"fm", rule->fm}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; ++i) {
        struct strata_level_range range = ranges[i].range;
        if (range.from > range.to)
            return strata_fail(err, STRATA_USAGE, "segment rule %d (%s): %s: %d-%d runs backwards; write %d-%d", number,
                               rule->name, ranges[i].name, range.from, range.to, range.to, range.from);
        if (!is_any(range) && (range.from < scale.lowest || range.to > scale.highest))
            return strata_fail(err, STRATA_USAGE,
                               "segment rule %d (%s): %s: %d-%d leaves the scores, which run from %d to %d; change the "
                               "range or scores.levels",
                               number, rule->name, ranges[i].name, range.from, range.to, scale.lowest, scale.highest);
    }
    return STRATA_OK;
}

enum strata_status strata_segment_map_validate(const struct strata_segment_map *map, struct strata_score_scale scale,
                                               struct strata_error *err)
{
    if (map->n_rules < 1 || map->n_rules > STRATA_MAX_SEGMENT_RULES)
        return strata_fail(err, STRATA_USAGE, "the segment map %s has %d rules; it needs 1 to %d", map->name,
                           map->n_rules, STRATA_MAX_SEGMENT_RULES);
    if (!map->otherwise.name || !*map->otherwise.name)
        return strata_fail(err, STRATA_USAGE, "the segment map %s has no name for the customers that no rule matches",
                           map->name);
    if (map->grid == STRATA_GRID_FIVE_RESCALED)
        scale = (struct strata_score_scale){1, 5};
    enum strata_status status = STRATA_OK;
    for (int i = 0; i < map->n_rules && status == STRATA_OK; ++i)
        status = validate_rule(&map->rules[i], i + 1, scale, err);
    return status;
}

int strata_segment_level(const struct strata_segment_map *map, struct strata_score_scale scale, int level)
{
    if (map->grid != STRATA_GRID_FIVE_RESCALED)
        return level;
    int steps = scale.highest - scale.lowest;
    return 1 + (8 * (level - scale.lowest) + steps) / (2 * steps);
}

static bool contains(struct strata_level_range range, int level) { return range.from <= level && level <= range.to; }

bool strata_segment_rule_matches(const struct strata_segment_map *map, struct strata_score_scale scale, int index,
                                 int r, int f, int m)
{
    const struct strata_map_rule *rule = &map->rules[index];
    int grid_r = strata_segment_level(map, scale, r), grid_f = strata_segment_level(map, scale, f),
        grid_m = strata_segment_level(map, scale, m);
    return contains(rule->r, grid_r) && contains(rule->f, grid_f) && contains(rule->m, grid_m) &&
           contains(rule->fm, (grid_f + grid_m + 1) / 2);
}

int strata_segment_match(const struct strata_segment_map *map, struct strata_score_scale scale, int r, int f, int m)
{
    for (int i = 0; i < map->n_rules; ++i)
        if (strata_segment_rule_matches(map, scale, i, r, f, m))
            return i;
    return -1;
}
