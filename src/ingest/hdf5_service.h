/* Inside the HDF5 source: the process in which HDF5 runs, and what passes between it and the one that reads.
 *
 * First it says which table there is; then it is asked to select columns, once, and then for the places of chunks and
 * for rows (hdf5_layout.h). Received values are within their bounds, whoever sent them.
 */
#ifndef STRATA_INGEST_HDF5_SERVICE_H
#define STRATA_INGEST_HDF5_SERVICE_H

#include "contained.h"
#include "hdf5_find.h"
#include "hdf5_layout.h"

/* What it works on. All borrowed. */
struct strata_hdf5_order {
    const char *path;   /* for messages */
    const char *table;  /* group or dataset; NULL: the only one that looks like a log */
    int descriptor;     /* of the file */
    size_t cache_bytes; /* for chunks that it decodes and may need again */
};

/* The datasets of the columns that were selected. */
struct strata_hdf5_selection {
    int n_datasets;
    int dataset[STRATA_N_ROLES];   /* which one each is in */
    size_t offset[STRATA_N_ROLES]; /* of each in a row */
};

/* The work: `context` is a struct strata_hdf5_order. */
void strata_hdf5_serve(void *context, struct strata_wire *wire);

/* The table, without HDF5's types. */
void strata_hdf5_table_pass(struct strata_wire *wire, struct strata_hdf5_table *table);

/* column[role] is -1 for none, or below n_columns. */
void strata_hdf5_columns_pass(struct strata_wire *wire, int column[STRATA_N_ROLES], size_t n_columns);
void strata_hdf5_selection_pass(struct strata_wire *wire, struct strata_hdf5_selection *selection);

#endif
