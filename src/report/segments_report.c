#include <strata/report.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "memory.h"
#include "text_table.h"

enum { NAME, CUSTOMERS, CUSTOMER_SHARE, REVENUE, REVENUE_SHARE, RECENCY, ORDERS, MONETARY, N_FIELDS };
static const char *const headings[][N_FIELDS] = {
    [STRATA_ENGLISH] = {"Segment", "Customers", "Share", "Revenue", "Share", "Recency (d)", "Orders", "Monetary"},
    [STRATA_CHINESE] = {"客群", "客户数", "占比", "销售额", "占比", "最近购买(天)", "订单数", "消费额"},
};
static const char *const cluster_heading[] = {[STRATA_ENGLISH] = "Cluster", [STRATA_CHINESE] = "群组"};
static const char *const total_name[] = {[STRATA_ENGLISH] = "Total", [STRATA_CHINESE] = "合计"};

/* Hundredths, rounded half away from zero, from integers: the same text whichever way the amount came. */
static void set_amount(struct strata_cell *cell, int64_t minor, int decimals)
{
    uint64_t scale = (uint64_t)strata_amount_scale(decimals);
    uint64_t size = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    uint64_t whole = size / scale, hundredths = (size % scale * 100 + scale / 2) / scale;
    size_t n = 0;
    whole += hundredths / 100;
    hundredths %= 100;
    if (minor < 0 && (whole > 0 || hundredths > 0))
        cell->text[n++] = '-';
    n += strata_put_grouped(cell->text + n, whole);
    n += (size_t)snprintf(cell->text + n, STRATA_CELL_BYTES - n, ".%02u", (unsigned)hundredths);
    cell->columns = n;
}

static void set_row(struct strata_cell cells[N_FIELDS], const struct strata_segment_row *row, int amount_decimals,
                    enum strata_language language)
{
    bool chinese = language == STRATA_CHINESE && row->label.name_zh;
    strata_cell_set_text(&cells[NAME], chinese ? row->label.name_zh : row->label.name);
    strata_cell_set_count(&cells[CUSTOMERS], row->customers);
    strata_cell_set_share(&cells[CUSTOMER_SHARE], row->customer_share);
    set_amount(&cells[REVENUE], row->revenue_minor, amount_decimals);
    strata_cell_set_share(&cells[REVENUE_SHARE], row->revenue_share);
    strata_cell_set_real(&cells[RECENCY], row->recency_median, 1);
    strata_cell_set_real(&cells[ORDERS], row->frequency_median, 1);
    strata_cell_set_real(&cells[MONETARY], row->monetary_median, 2);
}

/* Medians have no total: those cells stay empty. */
static void set_total(struct strata_cell cells[N_FIELDS], const struct strata_segmentation *segmentation,
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
    strata_cell_set_text(&cells[NAME], total_name[language]);
    strata_cell_set_count(&cells[CUSTOMERS], customers);
    strata_cell_set_share(&cells[CUSTOMER_SHARE], customer_share);
    if (fits)
        set_amount(&cells[REVENUE], revenue, segmentation->amount_decimals);
    else
        strata_cell_set_text(&cells[REVENUE], "-");
    strata_cell_set_share(&cells[REVENUE_SHARE], revenue_share);
}

enum strata_status strata_report_segments(const struct strata_segmentation *segmentation, enum strata_language language,
                                          char **text, struct strata_error *err)
{
    size_t n_lines = (size_t)segmentation->n_rows + 2;
    struct strata_cell(*lines)[N_FIELDS] = strata_calloc_array(n_lines, sizeof *lines);
    *text = NULL;
    if (!lines)
        return strata_fail_memory(err, "the table of segments", n_lines, sizeof *lines);
    for (int f = 0; f < N_FIELDS; ++f)
        strata_cell_set_text(&lines[0][f], headings[language][f]);
    if (strcmp(segmentation->scheme, "cluster") == 0)
        strata_cell_set_text(&lines[0][NAME], cluster_heading[language]);
    for (int i = 0; i < segmentation->n_rows; ++i)
        set_row(lines[i + 1], &segmentation->rows[i], segmentation->amount_decimals, language);
    set_total(lines[n_lines - 1], segmentation, language);
    enum strata_status status = strata_text_table_print(lines[0], n_lines, N_FIELDS, text, err);
    free(lines);
    return status;
}
