#include <strata/report.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "text_table.h"

enum { NAME, FIRST_COLUMN, MOST_COLUMNS = 8, N_FARTHEST = 3 };

/* What is less is shown as 0. */
static const double shown_from = 0.05;

static const char *const heading[] = {[STRATA_ENGLISH] = "Cluster", [STRATA_CHINESE] = "群组"};
static const char *const rank_heading[][N_FARTHEST] = {
    [STRATA_ENGLISH] = {"farthest in", "second", "third"}, [STRATA_CHINESE] = {"差异最大", "其次", "第三"}};
/* Of one, and of several. */
static const char *const more[][2] = {[STRATA_ENGLISH] = {"%zu more column is in the snapshot\n",
                                                          "%zu more columns are in the snapshot\n"},
                                      [STRATA_CHINESE] = {"另有 %zu 列见快照\n", "另有 %zu 列见快照\n"}};

/* +1.2 */
static void set_difference(struct strata_cell *cell, double value)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%+.1f", value);
    strata_cell_set_text(cell, isnan(value) ? "-" : fabs(value) < shown_from ? "0.0" : text);
}

static void set_name(const struct strata_cluster_differences *differences, enum strata_language language, int j,
                     struct strata_cell *cell)
{
    const char *name_zh = differences->names_zh[j];
    strata_cell_set_text(cell, language == STRATA_CHINESE && *name_zh ? name_zh : differences->names[j]);
}

static void set_lines(const struct strata_cluster_differences *differences, enum strata_language language,
                      size_t n_shown, struct strata_cell *cells)
{
    size_t n_fields = FIRST_COLUMN + n_shown, d = (size_t)differences->d;
    strata_cell_set_text(&cells[NAME], heading[language]);
    for (size_t c = 0; c < n_shown; ++c)
        strata_cell_set_text(&cells[FIRST_COLUMN + c], differences->columns[c]);
    for (size_t j = 0; j < (size_t)differences->k; ++j) {
        struct strata_cell *line = cells + (j + 1) * n_fields;
        set_name(differences, language, (int)j, &line[NAME]);
        for (size_t c = 0; c < n_shown; ++c)
            set_difference(&line[FIRST_COLUMN + c], differences->value[j * d + c]);
    }
}

/* The features in which a cluster is farthest from the rest, one in each cell: "tenure +2.1". */
static void set_farthest(const struct strata_cluster_differences *differences, int j, struct strata_cell *cells)
{
    const double *value = differences->feature_value + (size_t)j * (size_t)differences->n_features;
    double bound = INFINITY;
    int last = -1;
    for (int i = 0; i < N_FARTHEST; ++i) {
        char text[128];
        int next = -1;
        for (int f = 0; f < differences->n_features; ++f) {
            double size = fabs(value[f]);
            bool is_left = size < bound || (size == bound && f > last);
            if (is_left && size >= shown_from && (next < 0 || size > fabs(value[next])))
                next = f;
        }
        if (next >= 0)
            (void)snprintf(text, sizeof text, "%s %+.1f", differences->features[next], value[next]);
        strata_cell_set_text(&cells[i], next >= 0 ? text : "-");
        bound = next >= 0 ? fabs(value[next]) : 0;
        last = next;
    }
}

static enum strata_status print_farthest(const struct strata_cluster_differences *differences,
                                         enum strata_language language, char **table, struct strata_error *err)
{
    size_t n_lines = (size_t)differences->k + 1, n_fields = FIRST_COLUMN + N_FARTHEST;
    struct strata_cell *cells = strata_calloc_array(n_lines * n_fields, sizeof *cells);
    *table = NULL;
    if (!cells)
        return strata_fail_memory(err, "the profile of the clusters", n_lines * n_fields, sizeof *cells);
    strata_cell_set_text(&cells[NAME], heading[language]);
    for (int i = 0; i < N_FARTHEST; ++i)
        strata_cell_set_text(&cells[FIRST_COLUMN + i], rank_heading[language][i]);
    for (int j = 0; j < differences->k; ++j) {
        struct strata_cell *line = cells + (size_t)(j + 1) * n_fields;
        set_name(differences, language, j, &line[NAME]);
        set_farthest(differences, j, &line[FIRST_COLUMN]);
    }
    enum strata_status status = strata_text_table_print(cells, n_lines, n_fields, table, err);
    free(cells);
    return status;
}

enum strata_status strata_report_differences(const struct strata_cluster_differences *differences,
                                             enum strata_language language, char **text, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t d = (size_t)differences->d, n_shown = d < MOST_COLUMNS ? d : MOST_COLUMNS;
    size_t n_lines = (size_t)differences->k + 1, n_fields = FIRST_COLUMN + n_shown;
    struct strata_cell *cells = strata_calloc_array(n_lines * n_fields, sizeof *cells);
    char *table = NULL, *farthest = NULL;
    *text = NULL;
    if (!cells) {
        status = strata_fail_memory(err, "the profile of the clusters", n_lines * n_fields, sizeof *cells);
        goto done;
    }
    set_lines(differences, language, n_shown, cells);
    STRATA_TRY(strata_text_table_print(cells, n_lines, n_fields, &table, err));
    if (differences->n_features > 0)
        STRATA_TRY(print_farthest(differences, language, &farthest, err));
    char hidden[64] = "";
    if (n_shown < d)
        (void)snprintf(hidden, sizeof hidden, more[language][d - n_shown > 1], d - n_shown);
    if (asprintf(text, "%s%s%s%s", table, hidden, farthest ? "\n" : "", farthest ? farthest : "") < 0) {
        *text = NULL;
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the profile of the clusters");
    }
done:
    free(farthest);
    free(table);
    free(cells);
    return status;
}
