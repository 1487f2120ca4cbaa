#include "text_table.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "display_text.h"
#include "memory.h"

enum { GAP = 2 };

size_t strata_put_grouped(char *out, uint64_t whole)
{
    char digits[24];
    size_t n = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)whole), n_out = 0;
    for (size_t i = 0; i < n; ++i) {
        if (i > 0 && (n - i) % 3 == 0)
            out[n_out++] = ',';
        out[n_out++] = digits[i];
    }
    out[n_out] = '\0';
    return n_out;
}

void strata_cell_set_count(struct strata_cell *cell, uint64_t count)
{
    cell->columns = strata_put_grouped(cell->text, count);
}

void strata_cell_set_real(struct strata_cell *cell, double value, int decimals)
{
    char plain[64];
    if (!(fabs(value) < 1e18)) {
        cell->columns = (size_t)snprintf(cell->text, STRATA_CELL_BYTES, "-");
        return;
    }
    (void)snprintf(plain, sizeof plain, "%.*f", decimals, fabs(value));
    char *fraction = strchr(plain, '.');
    bool is_zero = strspn(plain, "0.") == strlen(plain);
    size_t n = 0;
    if (value < 0 && !is_zero)
        cell->text[n++] = '-';
    n += strata_put_grouped(cell->text + n, strtoull(plain, NULL, 10));
    n += (size_t)snprintf(cell->text + n, STRATA_CELL_BYTES - n, "%s", fraction ? fraction : "");
    cell->columns = n;
}

void strata_cell_set_share(struct strata_cell *cell, double share)
{
    strata_cell_set_real(cell, 100 * share, 1);
    if (strcmp(cell->text, "-") != 0) {
        cell->text[cell->columns++] = '%';
        cell->text[cell->columns] = '\0';
    }
}

void strata_cell_set_text(struct strata_cell *cell, const char *text)
{
    cell->columns = strata_display_text(text, STRATA_CELL_COLUMNS, cell->text, STRATA_CELL_BYTES);
}

static void print_line(FILE *out, const struct strata_cell *cells, const size_t *width, size_t n_fields)
{
    size_t n = n_fields;
    while (n > 1 && cells[n - 1].columns == 0)
        --n;
    for (size_t f = 0; f < n; ++f) {
        int padding = (int)(width[f] - cells[f].columns);
        if (f == 0)
            (void)fprintf(out, "%s%*s", cells[f].text, padding, "");
        else
            (void)fprintf(out, "%*s%s", padding + GAP, "", cells[f].text);
    }
    (void)fputc('\n', out);
}

enum strata_status strata_text_table_print(const struct strata_cell *cells, size_t n_lines, size_t n_fields,
                                           char **text, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_bytes = 0, *width = strata_calloc_array(n_fields, sizeof *width);
    FILE *out = NULL;
    *text = NULL;
    if (!width)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a table");
    for (size_t i = 0; i < n_lines * n_fields; ++i)
        if (cells[i].columns > width[i % n_fields])
            width[i % n_fields] = cells[i].columns;
    out = open_memstream(text, &n_bytes);
    if (!out)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a table");
    for (size_t i = 0; i < n_lines; ++i)
        print_line(out, cells + i * n_fields, width, n_fields);
done:
    if (out) {
        bool failed = ferror(out) != 0;
        failed = fclose(out) != 0 || failed;
        if (failed) {
            free(*text);
            *text = NULL;
            status = strata_fail(err, STRATA_MEMORY, "out of memory for a table");
        }
    }
    free(width);
    return status;
}
