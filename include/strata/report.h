/* Results as text for a terminal. Nothing is printed here. */
#ifndef STRATA_REPORT_H
#define STRATA_REPORT_H

#include <strata/segmentation.h>
#include <strata/status.h>

enum strata_language { STRATA_ENGLISH, STRATA_CHINESE };

/* A table of the segments, one line each in the order of the rows, below a line of headings and above one of totals:
 *
 *   Segment             Customers   Share       Revenue   Share  Recency (d)  Orders  Monetary
 *   Champions               1,204   12.3%    482,901.50   38.2%          9.0    12.0    210.40
 *
 * UTF-8, aligned in columns of the terminal (a Chinese character takes two), every line ending in a newline. Revenue
 * and shares are of the segment; recency, orders and monetary are medians of its customers, "-" where nobody has a
 * value. A name that the language lacks is shown in English; control characters are shown as '?', so that a name
 * cannot steer the terminal. `*text` is for free(). */
STRATA_API enum strata_status strata_report_segments(const struct strata_segmentation *segmentation,
                                                     enum strata_language language, char **text,
                                                     struct strata_error *err) STRATA_MUST_USE;

/* What sets the clusters apart, a line each below a line of headings:
 *
 *   Cluster                         recency  frequency  monetary
 *   recent, frequent, high value      -0.9       +2.1      +2.4
 *
 * in standard deviations from the other customers; "-" where there is nothing to compare. Of many columns the first
 * eight, and a line that says how many are left out. Texts as above; `*text` is for free(). */
STRATA_API enum strata_status strata_report_differences(const struct strata_cluster_differences *differences,
                                                        enum strata_language language, char **text,
                                                        struct strata_error *err) STRATA_MUST_USE;

#endif
