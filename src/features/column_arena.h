/* Memory for the pieces of one column: taken bit by bit, given back all at once.
 *
 * Pieces of a column lie together, so that the whole column's pieces can go back to the system as soon as they are
 * copied, and few large blocks cost fewer page faults than many small ones.
 */
#ifndef STRATA_FEATURES_COLUMN_ARENA_H
#define STRATA_FEATURES_COLUMN_ARENA_H

#include <stddef.h>

/* `{0}` is empty. */
struct strata_column_arena {
    struct strata_column_block *newest;
};

/* n_bytes, 64-byte aligned, valid until the release; NULL if there is no memory. One thread at a time. */
void *strata_column_arena_take(struct strata_column_arena *arena, size_t n_bytes);
void strata_column_arena_release(struct strata_column_arena *arena);

#endif
