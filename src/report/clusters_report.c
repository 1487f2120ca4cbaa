#include "clusters_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "text_table.h"

enum { NUMBER, ROWS, SHARE, FIRST_COLUMN, MOST_COLUMNS = 8 };

/* Digits that tell the centroids of a column apart: of one that varies little far from 0, more than usual. */
static int digits_of(const struct strata_clustering *clustering, size_t c)
{
    enum { USUAL = 6, OF_THE_SPREAD = 3, MOST = 15 };
    double low = INFINITY, high = -INFINITY;
    for (int j = 0; j < clustering->k; ++j) {
        double value = clustering->centroid[(size_t)j * (size_t)clustering->d + c];
        low = fmin(low, value);
        high = fmax(high, value);
    }
    double spread = high - low, largest = fmax(fabs(low), fabs(high));
    if (!(spread > 0) || !isfinite(largest))
        return USUAL;
    int wanted = OF_THE_SPREAD + (int)ceil(log10(largest / spread));
    return wanted < USUAL ? USUAL : wanted > MOST ? MOST : wanted;
}

static void set_centroid(struct strata_cell *cell, double value, int digits)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.*g", digits, value);
    strata_cell_set_text(cell, isfinite(value) ? text : "-");
}

static void set_lines(const struct strata_clustering *clustering, size_t n_shown, struct strata_cell *cells)
{
    size_t n_fields = FIRST_COLUMN + n_shown;
    struct strata_cell *line = cells;
    uint64_t rows = 0;
    for (int j = 0; j < clustering->k; ++j)
        rows += clustering->size[j];
    int digits[MOST_COLUMNS];
    for (size_t c = 0; c < n_shown; ++c)
        digits[c] = digits_of(clustering, c);
    strata_cell_set_text(&line[NUMBER], "Cluster");
    strata_cell_set_text(&line[ROWS], "Rows");
    strata_cell_set_text(&line[SHARE], "Share");
    for (size_t c = 0; c < n_shown; ++c)
        strata_cell_set_text(&line[FIRST_COLUMN + c], clustering->column[c]);
    for (int j = 0; j < clustering->k; ++j) {
        line += n_fields;
        strata_cell_set_count(&line[NUMBER], (uint64_t)clustering->label[j].value);
        strata_cell_set_count(&line[ROWS], clustering->size[j]);
        strata_cell_set_share(&line[SHARE], (double)clustering->size[j] / (double)rows);
        for (size_t c = 0; c < n_shown; ++c)
            set_centroid(&line[FIRST_COLUMN + c], clustering->centroid[(size_t)j * (size_t)clustering->d + c],
                         digits[c]);
    }
    line += n_fields;
    strata_cell_set_text(&line[NUMBER], "Total");
    strata_cell_set_count(&line[ROWS], rows);
    strata_cell_set_share(&line[SHARE], 1);
}

enum strata_status strata_report_clusters(const struct strata_clustering *clustering, char **text,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t d = (size_t)clustering->d, n_shown = d < MOST_COLUMNS ? d : MOST_COLUMNS;
    size_t n_lines = (size_t)clustering->k + 2, n_fields = FIRST_COLUMN + n_shown;
    struct strata_cell *cells = strata_calloc_array(n_lines * n_fields, sizeof *cells);
    char *table = NULL;
    *text = NULL;
    if (!cells)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the table of %d clusters", clustering->k);
    set_lines(clustering, n_shown, cells);
    STRATA_TRY(strata_text_table_print(cells, n_lines, n_fields, &table, err));
    if (n_shown == d) {
        *text = table;
        table = NULL;
    } else if (asprintf(text, "%s%zu more column%s in the output file\n", table, d - n_shown,
                        d - n_shown == 1 ? " is" : "s are") < 0) {
        *text = NULL;
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the table of %d clusters", clustering->k);
    }
done:
    free(table);
    free(cells);
    return status;
}
