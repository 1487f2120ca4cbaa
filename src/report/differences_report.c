#include <strata/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "text_table.h"

enum { NAME, FIRST_COLUMN, MOST_COLUMNS = 8 };

static const char *const heading[] = {[STRATA_ENGLISH] = "Cluster", [STRATA_CHINESE] = "群组"};
static const char *const more[] = {
    [STRATA_ENGLISH] = "%s%zu more columns are in the snapshot\n", [STRATA_CHINESE] = "%s另有 %zu 列见快照\n"};

/* +1.2 */
static void set_difference(struct strata_cell *cell, double value)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%+.1f", value);
    strata_cell_set_text(cell, isnan(value) ? "-" : fabs(value) < 0.05 ? "0.0" : text);
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
        const char *name_zh = differences->names_zh[j];
        strata_cell_set_text(&line[NAME], language == STRATA_CHINESE && *name_zh ? name_zh : differences->names[j]);
        for (size_t c = 0; c < n_shown; ++c)
            set_difference(&line[FIRST_COLUMN + c], differences->value[j * d + c]);
    }
}

enum strata_status strata_report_differences(const struct strata_cluster_differences *differences,
                                             enum strata_language language, char **text, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t d = (size_t)differences->d, n_shown = d < MOST_COLUMNS ? d : MOST_COLUMNS;
    size_t n_lines = (size_t)differences->k + 1, n_fields = FIRST_COLUMN + n_shown;
    struct strata_cell *cells = strata_calloc_array(n_lines * n_fields, sizeof *cells);
    char *table = NULL;
    *text = NULL;
    if (!cells) {
        status = strata_fail_memory(err, "the profile of the clusters", n_lines * n_fields, sizeof *cells);
        goto done;
    }
    set_lines(differences, language, n_shown, cells);
    STRATA_TRY(strata_text_table_print(cells, n_lines, n_fields, &table, err));
    if (n_shown == d) {
        *text = table;
        table = NULL;
    } else if (asprintf(text, more[language], table, d - n_shown) < 0) {
        *text = NULL;
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the profile of the clusters");
    }
done:
    free(table);
    free(cells);
    return status;
}
