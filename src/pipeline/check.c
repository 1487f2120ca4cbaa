#include <stdio.h>
#include <stdlib.h>
#include <strata/segments.h>

#include "check.h"
#include "config_map.h"
#include "segments.h"

enum { MOST_CELLS_SHOWN = 8 };

static void put_rule(FILE *stream, const struct strata_segment_map *map, int index)
{
    fprintf(stream, "rule %d (%s)", index + 1, map->rules[index].name);
}

static void put_overlaps(FILE *stream, const struct strata_segment_map *map, const struct strata_map_report *report)
{
    for (int i = 0; i < report->n_overlaps; i++) {
        const struct strata_map_overlap *overlap = &report->overlaps[i];
        fputs("overlap: ", stream);
        put_rule(stream, map, overlap->first);
        fputs(" and ", stream);
        put_rule(stream, map, overlap->second);
        fprintf(stream, " share %d cell%s; the first rule gets %s\n", overlap->n_cells,
                overlap->n_cells == 1 ? "" : "s", overlap->n_cells == 1 ? "it" : "them");
    }
}

static void put_holes(FILE *stream, const struct strata_segment_map *map, const struct strata_map_report *report)
{
    if (!report->n_unmatched)
        return;
    fprintf(stream, "hole: %d of %d cells match no rule and become %s:", report->n_unmatched, report->n_cells,
            map->otherwise.name);
    for (int i = 0; i < report->n_unmatched && i < MOST_CELLS_SHOWN; i++)
        fprintf(stream, " %d/%d/%d", report->unmatched[i].r, report->unmatched[i].f, report->unmatched[i].m);
    if (report->n_unmatched > MOST_CELLS_SHOWN)
        fprintf(stream, " and %d more", report->n_unmatched - MOST_CELLS_SHOWN);
    fputc('\n', stream);
}

static void put_unreachable(FILE *stream, const struct strata_segment_map *map, const struct strata_map_report *report)
{
    for (int i = 0; i < report->n_unreachable; i++) {
        fputs("unreachable: ", stream);
        put_rule(stream, map, report->unreachable[i]);
        fputs(" never wins a cell: earlier rules take all of its cells, or it has none\n", stream);
    }
}

enum strata_status strata_segment_map_report(const struct strata_config *config, char **text, int *n_problems,
                                             struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_config_map map = {0};
    struct strata_map_report report = {0};
    FILE *stream = NULL;
    char *buffer = NULL;
    size_t n_bytes = 0;
    STRATA_TRY(strata_config_map_init(&map, config, err));
    STRATA_TRY(strata_segment_map_check(&map.map, strata_config_score_scale(config), &report, err));
    if (!(stream = open_memstream(&buffer, &n_bytes)))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the report on a segment map");
    fprintf(stream, "segment map %s: %d rules on %d cells of R/F/M scores\n", map.map.name, map.map.n_rules,
            report.n_cells);
    put_overlaps(stream, &map.map, &report);
    put_holes(stream, &map.map, &report);
    put_unreachable(stream, &map.map, &report);
    *n_problems = report.n_overlaps + (report.n_unmatched > 0) + report.n_unreachable;
done:
    if (stream && fclose(stream) != 0 && status == STRATA_OK)
        status = strata_fail(err, STRATA_MEMORY, "out of memory for the report on a segment map");
    if (status == STRATA_OK)
        *text = buffer;
    else
        free(buffer);
    strata_map_report_release(&report);
    strata_config_map_release(&map);
    return status;
}
