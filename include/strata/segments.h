/* What can be said of a segment map without any data. */
#ifndef STRATA_SEGMENTS_H
#define STRATA_SEGMENTS_H

#include <strata/config.h>
#include <strata/export.h>
#include <strata/status.h>

/* Lines for people about the configured segment map: its size, and one line per overlap, hole and unreachable rule.
 * `n_problems` counts these. `text` is owned by the caller: free() it. The configuration is validated. */
STRATA_API enum strata_status strata_segment_map_report(const struct strata_config *config, char **text,
                                                        int *n_problems, struct strata_error *err) STRATA_MUST_USE;

#endif
