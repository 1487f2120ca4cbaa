#include "digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "hdf5_read.h"

static void write_hash(XXH128_hash_t hash, char digest[STRATA_DIGEST_BYTES])
{
    (void)snprintf(digest, STRATA_DIGEST_BYTES, "%016llx%016llx", (unsigned long long)hash.high64,
                   (unsigned long long)hash.low64);
}

void strata_values_digest(const void *values, size_t n_bytes, char digest[STRATA_DIGEST_BYTES])
{
    write_hash(XXH3_128bits(values, n_bytes), digest);
}

static void add(XXH3_state_t *state, const void *values, size_t n, size_t size)
{
    if (values)
        (void)XXH3_128bits_update(state, values, n * size);
}

static void add_int(XXH3_state_t *state, int value) { add(state, &value, 1, sizeof value); }

static void add_texts(XXH3_state_t *state, char *const *text, int n)
{
    for (int i = 0; i < n; ++i)
        add(state, text[i], strlen(text[i]) + 1, 1);
}

static void add_preparation(XXH3_state_t *state, const struct strata_preparation *preparation)
{
    const size_t d = (size_t)preparation->d;
    const int numbers[] = {(int)preparation->transform, (int)preparation->scaling, (int)preparation->missing,
                           (int)preparation->precision, preparation->n_quantiles,  preparation->n_dropped};
    const double *const columns[] = {preparation->imputed, preparation->lambda,  preparation->lower, preparation->upper,
                                     preparation->shift,   preparation->divisor, preparation->origin};
    add(state, numbers, sizeof numbers / sizeof *numbers, sizeof *numbers);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; ++i)
        add(state, columns[i], d, sizeof **columns);
    add(state, &preparation->unit, 1, sizeof preparation->unit);
    add(state, preparation->n_quantiles ? preparation->quantile : NULL, d * (size_t)preparation->n_quantiles,
        sizeof *preparation->quantile);
    add(state, preparation->whitening, d * d, sizeof *preparation->whitening);
    add_texts(state, preparation->dropped, preparation->n_dropped);
}

void strata_clustering_digest(const struct strata_clustering *clustering, char digest[STRATA_DIGEST_BYTES])
{
    const size_t k = (size_t)clustering->k, d = (size_t)clustering->d, n_fit = (size_t)clustering->n_fit;
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    (void)XXH3_128bits_reset(&state);
    add_int(&state, clustering->k);
    add_int(&state, clustering->d);
    add_int(&state, clustering->n_fit);
    add_int(&state, clustering->next_number);
    add_texts(&state, clustering->column, clustering->d);
    add_preparation(&state, &clustering->preparation);
    add(&state, clustering->centroid, k * d, sizeof *clustering->centroid);
    add(&state, clustering->centroid_scaled, k * d, sizeof *clustering->centroid_scaled);
    add(&state, clustering->fit_centroid, n_fit * d, sizeof *clustering->fit_centroid);
    add(&state, clustering->fit_cluster, n_fit, sizeof *clustering->fit_cluster);
    add(&state, clustering->size, k, sizeof *clustering->size);
    for (size_t j = 0; j < k; ++j)
        add_int(&state, clustering->label[j].value);
    write_hash(XXH3_128bits_digest(&state), digest);
}

enum strata_status strata_digest_check(hid_t object, const char *name, const char *path,
                                       const char digest[STRATA_DIGEST_BYTES], struct strata_error *err)
{
    char *stored = NULL;
    enum strata_status status = strata_hdf5_get_text(object, STRATA_DIGEST_ATTRIBUTE, path, &stored, err);
    if (status == STRATA_OK && stored && strcmp(stored, digest) != 0)
        status = strata_fail(err, STRATA_REJECTED,
                             "%s: %s was changed after strata wrote it: its checksum does not agree\ntake the file as "
                             "strata wrote it; if the change is wanted, remove the attribute " STRATA_DIGEST_ATTRIBUTE
                             " of %s",
                             path, name, name);
    free(stored);
    return status;
}
