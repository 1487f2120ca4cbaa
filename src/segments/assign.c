#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "segments.h"

enum { N_LEVELS = STRATA_HIGHEST_LEVEL + 1 };

/* The first rule of the same name. */
static int first_of_name(const struct strata_segment_map *map, int index)
{
    for (int i = 0; i < index; ++i)
        if (strcmp(map->rules[i].name, map->rules[index].name) == 0)
            return i;
    return index;
}

/* The label value of each rule, and after the last that of `otherwise`, which may share the name of a rule; the number
 * of distinct names. value[n_rules + 1] */
static int number_names(const struct strata_segment_map *map, int16_t *value)
{
    int16_t n_names = 0, otherwise = 0;
    for (int i = 0; i < map->n_rules; ++i) {
        int first = first_of_name(map, i);
        value[i] = first < i ? value[first] : ++n_names;
        if (strcmp(map->rules[i].name, map->otherwise.name) == 0)
            otherwise = value[i];
    }
    value[map->n_rules] = otherwise ? otherwise : ++n_names;
    return n_names;
}

static bool leaves_unmatched(const struct strata_segment_map *map, struct strata_score_scale scale)
{
    for (int r = scale.lowest; r <= scale.highest; ++r)
        for (int f = scale.lowest; f <= scale.highest; ++f)
            for (int m = scale.lowest; m <= scale.highest; ++m)
                if (strata_segment_match(map, scale, r, f, m) < 0)
                    return true;
    return false;
}

enum strata_status strata_segment_labels_init(struct strata_segment_labels *labels,
                                              const struct strata_segment_map *map, struct strata_score_scale scale,
                                              struct strata_error *err)
{
    int16_t value[STRATA_MAX_SEGMENT_RULES + 1];
    int n_labels = number_names(map, value), last = value[map->n_rules];
    *labels = (struct strata_segment_labels){.label = strata_calloc_array((size_t)n_labels, sizeof *labels->label)};
    if (!labels->label)
        return strata_fail_memory(err, "segment labels", (size_t)n_labels, sizeof *labels->label);

    labels->label[last - 1] = map->otherwise;
    labels->label[last - 1].value = (int16_t)last;
    for (int i = map->n_rules - 1; i >= 0; --i)
        labels->label[value[i] - 1] = (struct strata_label){
            .value = value[i],
            .name = map->rules[i].name,
            .name_zh = map->rules[i].name_zh,
            .action = map->rules[i].action,
        };
    bool is_own_name = true;
    for (int i = 0; i < map->n_rules; ++i)
        is_own_name = is_own_name && value[i] != last;
    if (is_own_name && !leaves_unmatched(map, scale))
        --n_labels;
    labels->labels = (struct strata_labels){n_labels, labels->label};
    return STRATA_OK;
}

void strata_segment_labels_release(struct strata_segment_labels *labels)
{
    free(labels->label);
    *labels = (struct strata_segment_labels){0};
}

void strata_segments_assign(const struct strata_segment_map *map, struct strata_score_scale scale, const int8_t *r,
                            const int8_t *f, const int8_t *m, size_t n, int16_t *label, int threads)
{
    int16_t value[STRATA_MAX_SEGMENT_RULES + 1];
    int16_t cell[N_LEVELS][N_LEVELS][N_LEVELS] = {0};
    number_names(map, value);
    for (int i = scale.lowest; i <= scale.highest; ++i)
        for (int j = scale.lowest; j <= scale.highest; ++j)
            for (int k = scale.lowest; k <= scale.highest; ++k) {
                int rule = strata_segment_match(map, scale, i, j, k);
                cell[i][j][k] = value[rule < 0 ? map->n_rules : rule];
            }
#pragma omp parallel for schedule(static) num_threads(threads)
    for (size_t row = 0; row < n; ++row) {
        uint8_t i = (uint8_t)r[row], j = (uint8_t)f[row], k = (uint8_t)m[row];
        label[row] = i < N_LEVELS && j < N_LEVELS && k < N_LEVELS ? cell[i][j][k] : 0;
    }
}
