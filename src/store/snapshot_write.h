/* Writing a snapshot: the HDF5 file that a run leaves.
 *
 *   /                    text attributes schema, tool_version, run_id, created_utc, as_of, time_zone, currency, config,
 *                        manifest; int32 attribute schema_version
 *   /customers/customer  int64 row number, the dimension scale of all others there
 *   /customers/<column>  the table's columns; attributes long_name, description, units, _FillValue (integers);
 *                        labels also flag_values, flag_meanings (CF), flag_names, flag_names_zh
 *   /keys/customer_id    fixed-length UTF-8, row-aligned, padded with NUL
 *   /scores/<score>/thresholds         float64; group attributes column, method, rule, levels
 *   /clusters/...        centroids, centroids_scaled, columns, values, names, names_zh, sizes,
 *                        validity/{k, dissolved, inertia, silhouette, simplified_silhouette, calinski_harabasz,
 *                        davies_bouldin, bic, euclidean_silhouette{,_low,_high}, gap, gap_error} (where k were tried);
 *                        profile/{customer_share, revenue_share, medians, differences, features/{columns, medians,
 *                        differences}} and previous/{moved; attributes
 *                        clusters, run_id, start, measure, warm, fresh, gain, margin, kept, common, ari, ami,
 *                        explanation} (where the run made the clusters, with earlier ones); group attributes criterion,
 *                        choice (only where k was chosen), inertia, iterations, converged, restarts, seed, missing,
 *                        min_size, dissolved, next_number
 *                        the preparation (data/preparation.h): missing_values, imputed, lambda, lower, upper, shift,
 *                        divisor, origin, and where there are any quantiles, whitening, dropped; group attributes
 *                        transform, scaling, missing_policy, unit
 *   /clusters/fit/       centroids, clusters: what labels are decided by
 *   /segments/<scheme>/  values, names, names_zh, actions, customers, revenue, revenue_minor, customer_share,
 *                        revenue_share, recency_median, frequency_median, monetary_median; group attribute map;
 *                        the unit of revenue_minor is the run's minor unit (minor_unit.h)
 *
 * Texts: see hdf5_file.h. Objects carry no times, so equal contents make equal bytes, for any number of threads.
 * HDF5 is not made for several threads: no other call of it may run in the process meanwhile.
 */
#ifndef STRATA_STORE_SNAPSHOT_WRITE_H
#define STRATA_STORE_SNAPSHOT_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <strata/status.h>

#include "publication.h"
#include "results.h"
#include "table.h"

#define STRATA_SNAPSHOT_SCHEMA         "strata-snapshot"
#define STRATA_SNAPSHOT_SCHEMA_VERSION 1

/* Everything is borrowed. */
struct strata_snapshot_contents {
    const struct strata_table *table; /* at least one row */
    /* Root attributes; what is NULL is left out. */
    const char *tool_version, *run_id, *created_utc, *as_of, *time_zone, *currency;
    const char *config;   /* YAML, of any length */
    const char *manifest; /* JSON, of any length */
    const struct strata_thresholds *thresholds;
    size_t n_thresholds;
    const struct strata_clustering *clustering; /* NULL: none */
    const struct strata_segmentation *segmentations;
    size_t n_segmentations;
    bool compress; /* shuffle + deflate 1 in chunks; false: contiguous columns, which other tools can map */
    int threads;
};

/* Write and close the temporary file of a publication that has begun, then read it back: every dataset must be there
 * with its shape and its stored bytes. What remains is strata_publication_commit. STRATA_IO if the disk is full or
 * fails; nothing is published then. */
enum strata_status strata_snapshot_write(const struct strata_publication *publication,
                                         const struct strata_snapshot_contents *contents,
                                         struct strata_error *err) STRATA_MUST_USE;

#endif
