/* A scratch directory and a small snapshot with something of everything in it. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <stddef.h>

#include "snapshot_write.h"

struct store_fixture {
    char directory[64];
    char output[96];    /* directory/results.h5 */
    char temporary[96]; /* directory/.results.h5.strata-tmp */
    struct strata_table table;
    struct strata_key_arena arena;
    struct strata_thresholds thresholds[2];
    struct strata_clustering clustering;
    struct strata_segmentation segmentations[2];
    struct strata_snapshot_contents contents;
};

/* `n` customers; some ids are longer than a key holds in place. Asserts that it works. */
void store_fixture_init(struct store_fixture *fixture, size_t n);

/* Removes the directory and all that is in it. */
void store_fixture_release(struct store_fixture *fixture);

/* begin, write, commit and release as a run does. */
enum strata_status store_fixture_publish(struct store_fixture *fixture, const char *path, struct strata_error *err);

/* The bytes of a file, malloc memory; asserts that it can be read. */
char *store_read_bytes(const char *path, size_t *n_bytes);
void store_write_text(const char *path, const char *text);

/* The name of the i-th id, as the fixture makes it; returns its length. */
size_t store_customer_id(size_t i, char out[64]);

#endif
