#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "segments.h"

/* One cell: who wins it, and which pairs of rules meet in it. */
static void check_cell(const struct strata_segment_map *map, struct strata_score_scale scale,
                       struct strata_score_cell cell, struct strata_map_report *report, int *n_shared)
{
    ++report->n_cells;
    int winner = strata_segment_match(map, scale, cell.r, cell.f, cell.m);
    if (winner < 0) {
        report->unmatched[report->n_unmatched++] = cell;
        return;
    }
    ++report->won[winner];
    int matching[STRATA_MAX_SEGMENT_RULES], n_matching = 0;
    for (int i = winner; i < map->n_rules; ++i)
        if (strata_segment_rule_matches(map, scale, i, cell.r, cell.f, cell.m))
            matching[n_matching++] = i;
    for (int i = 0; i < n_matching; ++i)
        for (int j = i + 1; j < n_matching; ++j)
            ++n_shared[matching[i] * map->n_rules + matching[j]];
}

enum strata_status strata_segment_map_check(const struct strata_segment_map *map, struct strata_score_scale scale,
                                            struct strata_map_report *report, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_rules = (size_t)map->n_rules, n_levels = (size_t)(scale.highest - scale.lowest + 1);
    size_t n_cells = n_levels * n_levels * n_levels, n_pairs = n_rules * n_rules, n_overlaps = 0;
    int *n_shared = strata_calloc_array(n_pairs, sizeof *n_shared);
    *report = (struct strata_map_report){
        .unmatched = strata_malloc_array(n_cells, sizeof *report->unmatched),
        .unreachable = strata_malloc_array(n_rules, sizeof *report->unreachable),
        .won = strata_calloc_array(n_rules, sizeof *report->won),
    };
    if (!n_shared || !report->unmatched || !report->unreachable || !report->won) {
        status = strata_fail_memory(err, "the check of a segment map", n_pairs, sizeof *n_shared);
        goto done;
    }

    for (int r = scale.lowest; r <= scale.highest; ++r)
        for (int f = scale.lowest; f <= scale.highest; ++f)
            for (int m = scale.lowest; m <= scale.highest; ++m)
                check_cell(map, scale, (struct strata_score_cell){(int8_t)r, (int8_t)f, (int8_t)m}, report, n_shared);

    for (int i = 0; i < map->n_rules; ++i)
        if (report->won[i] == 0)
            report->unreachable[report->n_unreachable++] = i;
    for (size_t i = 0; i < n_pairs; ++i)
        n_overlaps += n_shared[i] > 0;
    report->overlaps = strata_malloc_array(n_overlaps, sizeof *report->overlaps);
    if (!report->overlaps) {
        status = strata_fail_memory(err, "the overlaps of a segment map", n_overlaps, sizeof *report->overlaps);
        goto done;
    }
    for (size_t i = 0; i < n_pairs; ++i)
        if (n_shared[i] > 0)
            report->overlaps[report->n_overlaps++] =
                (struct strata_map_overlap){(int)(i / n_rules), (int)(i % n_rules), n_shared[i]};
done:
    free(n_shared);
    if (status != STRATA_OK)
        strata_map_report_release(report);
    return status;
}

void strata_map_report_release(struct strata_map_report *report)
{
    free(report->unmatched);
    free(report->overlaps);
    free(report->unreachable);
    free(report->won);
    *report = (struct strata_map_report){0};
}
