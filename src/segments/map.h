/* Segment maps: rules on the levels of R, F and M, the first match wins.
 *
 * A map is a static table of maps.c or the rules of a configuration. All strings are borrowed.
 */
#ifndef STRATA_SEGMENTS_MAP_H
#define STRATA_SEGMENTS_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

#include "labels.h"

enum { STRATA_HIGHEST_LEVEL = 10, STRATA_MAX_SEGMENT_RULES = 1000 };

/* The levels of the scores: 1..L, or 0..1 for scores made by the method mean. */
struct strata_score_scale {
    int lowest, highest;
};

/* Levels from..to, both included; STRATA_ANY_LEVEL matches whatever there is. */
struct strata_level_range {
    int8_t from, to;
};
#define STRATA_ANY_LEVEL                                                                                               \
    {                                                                                                                  \
        0, INT8_MAX                                                                                                    \
    }

/* Matches where all four ranges do. */
struct strata_map_rule {
    const char *name;    /* never NULL; several rules may share one name, then they make one segment */
    const char *name_zh; /* or NULL */
    const char *action;  /* what to do about these customers, or NULL */
    struct strata_level_range r, f, m;
    struct strata_level_range fm; /* of (F + M) / 2, halves rounded up */
};

/* What scores a map's ranges are written for. */
enum strata_map_grid {
    STRATA_GRID_AS_SCORED,     /* the levels as they are */
    STRATA_GRID_FIVE,          /* 1..5, nothing else */
    STRATA_GRID_FIVE_RESCALED, /* 1..5; other scales are stretched or squeezed onto it: strata_segment_level */
    STRATA_GRID_MEAN,          /* 0..1, nothing else */
};

struct strata_segment_map {
    const char *name; /* "default", "r-vignette", ... */
    enum strata_map_grid grid;
    int n_rules;
    const struct strata_map_rule *rules;
    struct strata_label otherwise; /* where no rule matches; its value is not used */
};

/* The maps that strata brings: default, r-vignette, r-0.3.0, chinese-8. */
enum { STRATA_N_SEGMENT_MAPS = 4 };
extern const struct strata_segment_map strata_segment_maps[STRATA_N_SEGMENT_MAPS];

/* NULL if there is none of that name. */
const struct strata_segment_map *strata_segment_map_find(const char *name);

/* "4-5", "3" or "any", blanks around numbers allowed. STRATA_USAGE if it is anything else or runs backwards. */
enum strata_status strata_segment_range_parse(const char *text, struct strata_level_range *range,
                                              struct strata_error *err) STRATA_MUST_USE;

/* Can these scores be used with the map? STRATA_USAGE, saying what to set, if not. */
enum strata_status strata_segment_map_accepts(const struct strata_segment_map *map, struct strata_score_scale scale,
                                              struct strata_error *err) STRATA_MUST_USE;

/* Is an own map well-formed for these scores: names, ranges that are not empty and inside the scale? STRATA_USAGE with
 * the number and the name of the first rule that is not. */
enum strata_status strata_segment_map_validate(const struct strata_segment_map *map, struct strata_score_scale scale,
                                               struct strata_error *err) STRATA_MUST_USE;

/* A level of the scale as the map's ranges see it: for STRATA_GRID_FIVE_RESCALED
 * 1 + floor(4 (level - lowest) / (highest - lowest) + 1/2), otherwise the level itself. */
int strata_segment_level(const struct strata_segment_map *map, struct strata_score_scale scale, int level);

/* The rule that wins the levels (of the scale), -1 if none matches. */
int strata_segment_match(const struct strata_segment_map *map, struct strata_score_scale scale, int r, int f, int m);

/* Does rule `index` match the levels (of the scale), whether or not an earlier one does? */
bool strata_segment_rule_matches(const struct strata_segment_map *map, struct strata_score_scale scale, int index,
                                 int r, int f, int m);

#endif
