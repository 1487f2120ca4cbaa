#include <strata/report.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "check.h"
#include "display_text.h"
#include "memory.h"

enum { NAME, CUSTOMERS, CUSTOMER_SHARE, REVENUE, REVENUE_SHARE, RECENCY, ORDERS, MONETARY, N_FIELDS };
enum { MAX_NAME_COLUMNS = 48, CELL_BYTES = 256, GAP = 2 };

static const char *const headings[][N_FIELDS] = {
    [STRATA_ENGLISH] = {"Segment", "Customers", "Share", "Revenue", "Share", "Recency (d)", "Orders", "Monetary"},
    [STRATA_CHINESE] = {"客群", "客户数", "占比", "销售额", "占比", "最近购买(天)", "订单数", "消费额"},
};
static const char *const total_name[] = {[STRATA_ENGLISH] = "Total", [STRATA_CHINESE] = "合计"};

struct cell {
    char text[CELL_BYTES];
    size_t columns; /* of the terminal */
};

/* Digits of `whole` in threes. Returns the bytes written. */
static size_t put_grouped(char *out, uint64_t whole)
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

static void set_count(struct cell *cell, uint64_t count) { cell->columns = put_grouped(cell->text, count); }

/* Hundredths, rounded half away from zero, from integers: the same text whichever way the amount came. */
static void set_amount(struct cell *cell, int64_t minor)
{
    enum { PER_HUNDREDTH = STRATA_AMOUNT_SCALE / 100 };
    uint64_t size = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    uint64_t hundredths = (size + PER_HUNDREDTH / 2) / PER_HUNDREDTH;
    size_t n = 0;
    if (minor < 0 && hundredths > 0)
        cell->text[n++] = '-';
    n += put_grouped(cell->text + n, hundredths / 100);
    n += (size_t)snprintf(cell->text + n, CELL_BYTES - n, ".%02u", (unsigned)(hundredths % 100));
    cell->columns = n;
}

/* A number with some decimals and grouped thousands; "-" for NaN and what is too large to be one of ours. */
static void set_real(struct cell *cell, double value, int decimals)
{
    char plain[64];
    if (!(fabs(value) < 1e18)) {
        cell->columns = (size_t)snprintf(cell->text, CELL_BYTES, "-");
        return;
    }
    (void)snprintf(plain, sizeof plain, "%.*f", decimals, fabs(value));
    char *fraction = strchr(plain, '.');
    bool is_zero = strspn(plain, "0.") == strlen(plain);
    size_t n = 0;
    if (value < 0 && !is_zero)
        cell->text[n++] = '-';
    n += put_grouped(cell->text + n, strtoull(plain, NULL, 10));
    n += (size_t)snprintf(cell->text + n, CELL_BYTES - n, "%s", fraction ? fraction : "");
    cell->columns = n;
}

static void set_share(struct cell *cell, double share)
{
    set_real(cell, 100 * share, 1);
    if (strcmp(cell->text, "-") != 0) {
        cell->text[cell->columns++] = '%';
        cell->text[cell->columns] = '\0';
    }
}

static void set_text(struct cell *cell, const char *text)
{
    cell->columns = strata_display_text(text, MAX_NAME_COLUMNS, cell->text, CELL_BYTES);
}

static void set_row(struct cell cells[N_FIELDS], const struct strata_segment_row *row, enum strata_language language)
{
    bool chinese = language == STRATA_CHINESE && row->label.name_zh;
    set_text(&cells[NAME], chinese ? row->label.name_zh : row->label.name);
    set_count(&cells[CUSTOMERS], row->customers);
    set_share(&cells[CUSTOMER_SHARE], row->customer_share);
    set_amount(&cells[REVENUE], row->revenue_minor);
    set_share(&cells[REVENUE_SHARE], row->revenue_share);
    set_real(&cells[RECENCY], row->recency_median, 1);
    set_real(&cells[ORDERS], row->frequency_median, 1);
    set_real(&cells[MONETARY], row->monetary_median, 2);
}

/* Medians have no total: those cells stay empty. */
static void set_total(struct cell cells[N_FIELDS], const struct strata_segmentation *segmentation,
                      enum strata_language language)
{
    uint64_t customers = 0;
    int64_t revenue = 0;
    bool fits = true;
    double customer_share = 0, revenue_share = 0;
    for (int i = 0; i < segmentation->n_rows; ++i) {
        const struct strata_segment_row *row = &segmentation->rows[i];
        customers += row->customers;
        fits = !__builtin_add_overflow(revenue, row->revenue_minor, &revenue) && fits;
        customer_share += row->customer_share;
        revenue_share += row->revenue_share;
    }
    set_text(&cells[NAME], total_name[language]);
    set_count(&cells[CUSTOMERS], customers);
    set_share(&cells[CUSTOMER_SHARE], customer_share);
    if (fits)
        set_amount(&cells[REVENUE], revenue);
    else
        set_text(&cells[REVENUE], "-");
    set_share(&cells[REVENUE_SHARE], revenue_share);
}

static void print_line(FILE *out, const struct cell cells[N_FIELDS], const size_t width[N_FIELDS])
{
    int last = N_FIELDS - 1;
    while (last > 0 && cells[last].columns == 0)
        --last;
    for (int f = 0; f <= last; ++f) {
        int padding = (int)(width[f] - cells[f].columns);
        if (f == NAME)
            (void)fprintf(out, "%s%*s", cells[f].text, padding, "");
        else
            (void)fprintf(out, "%*s%s", padding + GAP, "", cells[f].text);
    }
    (void)fputc('\n', out);
}

enum strata_status strata_report_segments(const struct strata_segmentation *segmentation, enum strata_language language,
                                          char **text, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_lines = (size_t)segmentation->n_rows + 2, n_bytes = 0, width[N_FIELDS] = {0};
    struct cell(*lines)[N_FIELDS] = strata_calloc_array(n_lines, sizeof *lines);
    FILE *out = NULL;

    *text = NULL;
    if (!lines)
        return strata_fail_memory(err, "the table of segments", n_lines, sizeof *lines);
    for (int f = 0; f < N_FIELDS; ++f)
        set_text(&lines[0][f], headings[language][f]);
    for (int i = 0; i < segmentation->n_rows; ++i)
        set_row(lines[i + 1], &segmentation->rows[i], language);
    set_total(lines[n_lines - 1], segmentation, language);
    for (size_t i = 0; i < n_lines; ++i)
        for (int f = 0; f < N_FIELDS; ++f)
            if (lines[i][f].columns > width[f])
                width[f] = lines[i][f].columns;

    out = open_memstream(text, &n_bytes);
    if (!out)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    for (size_t i = 0; i < n_lines; ++i)
        print_line(out, lines[i], width);
done:
    if (out) {
        bool failed = ferror(out) != 0;
        failed = fclose(out) != 0 || failed;
        if (failed) {
            free(*text);
            *text = NULL;
            status = strata_fail(err, STRATA_MEMORY, "out of memory for the table of segments");
        }
    }
    free(lines);
    return status;
}
