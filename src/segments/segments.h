/* Segments: scores become labels, labels become a summary. */
#ifndef STRATA_SEGMENTS_SEGMENTS_H
#define STRATA_SEGMENTS_SEGMENTS_H

#include "map.h"
#include "results.h"
#include "table.h"

/* The label set of a map: values 1..n, one per distinct name in the order of first appearance; the map's `otherwise`
 * last, if some cell of the scale falls to it. A name that appears again keeps the Chinese name and the action of its
 * first rule. Strings are borrowed from the map. Do not copy: `labels` points into the struct's own memory, which a
 * table column may in turn point to. */
struct strata_segment_labels {
    struct strata_label *label; /* owned */
    struct strata_labels labels;
};

/* STRATA_MEMORY. */
enum strata_status strata_segment_labels_init(struct strata_segment_labels *labels,
                                              const struct strata_segment_map *map, struct strata_score_scale scale,
                                              struct strata_error *err) STRATA_MUST_USE;
void strata_segment_labels_release(struct strata_segment_labels *labels);

/* Label all customers: label[n] = a value of strata_segment_labels_init of the same map and scale; 0 where a score is
 * off the scale. */
void strata_segments_assign(const struct strata_segment_map *map, struct strata_score_scale scale, const int8_t *r,
                            const int8_t *f, const int8_t *m, size_t n, int16_t *label, int threads);

struct strata_score_cell {
    int8_t r, f, m;
};

/* Two rules that match the same cells; the first gets them. */
struct strata_map_overlap {
    int first, second; /* indices of rules, first < second */
    int n_cells;
};

/* What a map does with the (highest - lowest + 1)^3 cells of a scale. All arrays owned. */
struct strata_map_report {
    int n_cells;
    int n_unmatched;
    struct strata_score_cell *unmatched; /* ascending by r, f, m: these fall to `otherwise` */
    int n_overlaps;
    struct strata_map_overlap *overlaps; /* ascending by first, second */
    int n_unreachable;
    int *unreachable; /* rules that win no cell, ascending */
    int *won;         /* n_rules: cells that each rule wins */
};

/* STRATA_MEMORY. */
enum strata_status strata_segment_map_check(const struct strata_segment_map *map, struct strata_score_scale scale,
                                            struct strata_map_report *report, struct strata_error *err) STRATA_MUST_USE;
void strata_map_report_release(struct strata_map_report *report);

/* Sum up the columns recency, frequency and monetary per label: one row per label, in their order, customers or not.
 * Customers of another label value are in no row, but in the totals that shares refer to. Revenue adds up
 * each customer's monetary to the nearest 10^-amount_decimals unit, as integers, which is exact up to 2^52 of them;
 * n_rounded counts the customers beyond. Missing counts as 0. A median of an
 * even number is the mean of the middle two; missing values take no part. Shares are 0 where the total is 0.
 * `scheme` and `map` are borrowed, as are the strings of the labels. STRATA_USAGE if a column is not there,
 * STRATA_REJECTED if a revenue is beyond 64 bits, STRATA_MEMORY. */
enum strata_status strata_segmentation_summarise(const struct strata_table *table, const int16_t *label,
                                                 const struct strata_labels *labels, const char *scheme,
                                                 const char *map, int amount_decimals, int threads,
                                                 struct strata_segmentation *segmentation,
                                                 struct strata_error *err) STRATA_MUST_USE;
void strata_segmentation_release(struct strata_segmentation *segmentation);

#endif
