/* Publication of one file, whole or not at all.
 *
 * A run holds `.<name>.strata-tmp` beside the output under an exclusive lock from its very start, writes there, and
 * renames it over the output at the end. Whatever happens before the rename leaves an older file at the output as it
 * was. The temporary file of a killed run is taken over by the next one, so nothing piles up.
 *
 * The lock is an open file description lock of fcntl: it goes with the process, however that ends, and is not the
 * flock that HDF5 takes on descriptors of its own.
 */
#ifndef STRATA_STORE_PUBLICATION_H
#define STRATA_STORE_PUBLICATION_H

#include <stdbool.h>
#include <strata/status.h>

/* `{0}` is empty. */
struct strata_publication {
    char *output;    /* what is replaced: absolute, symbolic links resolved */
    char *temporary; /* where the new file is written */
    int file;        /* the temporary file, locked; meaningful while `is_held` */
    bool is_held;
};

/* Take the output. A symbolic link at `output_path` is followed: its target is replaced and the link stays; a dangling
 * one is refused. The new file takes over the permission bits of the file that it will replace.
 * STRATA_BUSY at once if another run holds the output; STRATA_IO if it could not be written in the end. */
enum strata_status strata_publication_begin(struct strata_publication *publication, const char *output_path,
                                            struct strata_error *err) STRATA_MUST_USE;

/* fsync, rename over the output, fsync of the directory; the publication is over then, also after a failure of the
 * last step, which says that the new file is in place but may not survive a power failure. */
enum strata_status strata_publication_commit(struct strata_publication *publication,
                                             struct strata_error *err) STRATA_MUST_USE;

/* Give up what is not committed: removes the temporary file. */
void strata_publication_release(struct strata_publication *publication);

#endif
