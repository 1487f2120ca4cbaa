/* The segment map that a configuration asks for. */
#ifndef STRATA_PIPELINE_CONFIG_MAP_H
#define STRATA_PIPELINE_CONFIG_MAP_H

#include <strata/config.h>

#include "map.h"

/* `map` borrows its strings from the configuration; its rules are static or `rules`. */
struct strata_config_map {
    struct strata_segment_map map;
    struct strata_map_rule *rules; /* owned; NULL for a map that strata brings */
};

/* STRATA_MEMORY. */
enum strata_status strata_config_map_init(struct strata_config_map *map, const struct strata_config *config,
                                          struct strata_error *err) STRATA_MUST_USE;
void strata_config_map_release(struct strata_config_map *map);

/* The levels that the configured scores have. */
struct strata_score_scale strata_config_score_scale(const struct strata_config *config);

#endif
