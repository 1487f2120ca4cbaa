#include "assign.h"

#include <string.h>

enum {
    BLOCK_TILES = STRATA_LIST_ROWS / STRATA_TILE_ROWS,
    PACKED_ROWS = STRATA_PACKED_TILES * STRATA_TILE_ROWS,
};

/* Takes back what rounding up may have added to the reach and to the sum. */
static float limit_from(float reach, float margin) { return (reach + margin) * (1 - 0x1p-21f); }

struct block {
    size_t first_tile, first, n_rows, n_tiles;
};

static struct block block_at(const struct strata_points *points, size_t tile, size_t end)
{
    struct block block = {.first_tile = tile, .first = tile * STRATA_TILE_ROWS, .n_tiles = end - tile};
    if (block.n_tiles > BLOCK_TILES)
        block.n_tiles = BLOCK_TILES;
    block.n_rows = block.n_tiles * STRATA_TILE_ROWS;
    if (block.n_rows > points->n - block.first)
        block.n_rows = points->n - block.first;
    return block;
}

/* Move the rows on the list to now[i], and label them. */
static void move_rows(struct strata_assignment *job, const struct block *block, const uint16_t *row, size_t n,
                      const uint16_t *now)
{
    strata_change_move(job->change, job->points, block->first, row, n, job->label, now);
    for (size_t i = 0; i < n; ++i)
        job->label[block->first + row[i]] = now[i];
    for (size_t i = 0; job->row_of && i < n; ++i)
        job->row_label[job->row_of[block->first + row[i]]] = now[i];
    job->n_moved += n;
}

static void assign_first(struct strata_assignment *job, const struct block *block)
{
    uint16_t *label = job->label + block->first;
    job->kernels->nearest(&job->places, strata_points_tile(job->points, block->first_tile), block->n_tiles, label,
                          NULL);
    strata_change_enter(job->change, job->points, block->first, block->n_rows, label);
    job->n_moved += block->n_rows;
}

/* Where the margins of the rows go. */
static float *margins_of(struct strata_assignment *job, const struct block *block, float *room)
{
    switch (job->mode) {
    case STRATA_ASSIGN_PLAIN: return NULL;
    case STRATA_ASSIGN_GATHER: return room;
    default: return job->limit + block->first;
    }
}

static void assign_all(struct strata_assignment *job, const struct block *block)
{
    uint16_t now[STRATA_LIST_ROWS], row[STRATA_LIST_ROOM], to[STRATA_LIST_ROWS];
    const void *tile = strata_points_tile(job->points, block->first_tile);
    float margin[STRATA_LIST_ROWS], *limit = margins_of(job, block, margin);
    job->kernels->nearest(&job->places, tile, block->n_tiles, now, limit);
    if (job->mode == STRATA_ASSIGN_BOUNDED)
        for (size_t i = 0; i < block->n_rows; ++i)
            limit[i] = limit_from(job->reach[now[i]], limit[i]);
    size_t n = job->kernels->different(job->label + block->first, now, block->n_rows, row);
    for (size_t i = 0; i < n; ++i)
        to[i] = now[row[i]];
    move_rows(job, block, row, n, to);
    if (job->mode == STRATA_ASSIGN_GATHER) {
        n = job->kernels->doubtful(now, margin, job->reach, job->places.k, block->n_rows, row);
        strata_border_add(job->border, job->points, job->chunk, block->first, row, n, now);
    }
}

#define PACK(type, values)                                                                                             \
    for (size_t i = 0; i < n; ++i) {                                                                                   \
        const type *from = (values) + strata_points_index(points, first + row[i], 0);                                  \
        type *to =                                                                                                     \
            (type *)packed + i / STRATA_TILE_ROWS * (size_t)points->d * STRATA_TILE_ROWS + i % STRATA_TILE_ROWS;       \
        for (int c = 0; c < points->d; ++c)                                                                            \
            to[c * STRATA_TILE_ROWS] = from[c * STRATA_TILE_ROWS];                                                     \
    }

static void pack(const struct strata_points *points, size_t first, const uint16_t *row, size_t n, void *packed)
{
    if (points->wide)
        PACK(double, points->wide)
    else
        PACK(float, points->tile)
}

/* Look at the rows on the list alone. */
static void assign_listed(struct strata_assignment *job, const struct block *block, const uint16_t *row, size_t n)
{
    uint16_t moved[STRATA_LIST_ROOM], to[STRATA_LIST_ROOM];
    size_t n_moved = 0;
    for (size_t start = 0; start < n; start += PACKED_ROWS) {
        uint16_t now[PACKED_ROWS];
        float margin[PACKED_ROWS];
        size_t n_packed = n - start < PACKED_ROWS ? n - start : PACKED_ROWS;
        size_t n_tiles = (n_packed + STRATA_TILE_ROWS - 1) / STRATA_TILE_ROWS;
        pack(job->points, block->first, row + start, n_packed, job->packed);
        job->kernels->nearest(&job->places, job->packed, n_tiles, now, margin);
        for (size_t i = 0; i < n_packed; ++i) {
            size_t place = block->first + row[start + i];
            job->limit[place] = limit_from(job->reach[now[i]], margin[i]);
            moved[n_moved] = row[start + i];
            to[n_moved] = now[i];
            n_moved += job->label[place] != now[i];
        }
    }
    move_rows(job, block, moved, n_moved, to);
}

/* A plain pass over the gathered rows of the chunk. */
static void assign_border(struct strata_assignment *job)
{
    const struct strata_border *border = job->border;
    const size_t place = job->chunk * border->room;
    struct strata_points rows = strata_border_points(border, job->points, job->chunk);
    struct strata_assignment part = *job;
    part.points = &rows;
    part.mode = STRATA_ASSIGN_PLAIN;
    part.label = border->label + place;
    part.row_of = border->row + place;
    part.row_label = job->label + strata_points_chunk_start(job->points, job->chunk);
    strata_assign_tiles(&part, 0, rows.n_tiles);
    job->n_moved = part.n_moved;
    job->n_doubtful = part.n_doubtful;
}

void strata_assign_begin(struct strata_assignment *job, size_t chunk)
{
    job->chunk = chunk;
    if (job->mode == STRATA_ASSIGN_GATHER)
        job->border->n[chunk] = 0;
    if (job->mode == STRATA_ASSIGN_BORDER)
        assign_border(job);
}

void strata_assign_tiles(struct strata_assignment *job, size_t first, size_t end)
{
    if (job->mode == STRATA_ASSIGN_BORDER)
        return;
    for (size_t tile = first; tile < end; tile += BLOCK_TILES) {
        struct block block = block_at(job->points, tile, end);
        uint16_t row[STRATA_LIST_ROOM];
        size_t n = block.n_rows;
        if (job->mode == STRATA_ASSIGN_BOUNDED)
            n = job->kernels->doubtful(job->label + block.first, job->limit + block.first, job->reach, job->places.k,
                                       block.n_rows, row);
        job->n_doubtful += n;
        /* Where most rows are doubtful, packing them costs more than it saves. */
        if (job->unlabelled)
            assign_first(job, &block);
        else if (n > block.n_rows / 2)
            assign_all(job, &block);
        else
            assign_listed(job, &block, row, n);
    }
}
