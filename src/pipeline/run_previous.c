#include <stdlib.h>

#include "check.h"
#include "memory.h"
#include "previous_labels.h"
#include "run_state.h"

enum strata_status strata_run_read_previous(struct strata_run_state *run, struct strata_error *err)
{
    const char *path = run->config->clusters.previous;
    if (!path)
        return STRATA_OK;
    enum strata_status status = strata_snapshot_source_read(path, NULL, 0, &run->previous, err);
    if (status == STRATA_OK && run->previous.clustering.k == 0)
        strata_run_log(run, STRATA_EVENT_WARNING, "clusters", "%s has no clusters: numbers and names begin anew", path);
    return status;
}

enum strata_status strata_run_read_previous_labels(struct strata_run_state *run, int16_t **label,
                                                   struct strata_error *err)
{
    const struct strata_table *table = &run->table;
    *label = NULL;
    if (run->previous.clustering.k == 0)
        return STRATA_OK;
    *label = strata_malloc_array(table->n_rows, sizeof **label);
    if (!*label)
        return strata_fail_memory(err, "the earlier clusters", table->n_rows, sizeof **label);
    enum strata_status status =
        strata_previous_labels_read(run->config->clusters.previous, table->customer, table->n_rows, *label, err);
    if (status != STRATA_OK) {
        free(*label);
        *label = NULL;
    }
    return status;
}
