#include "border.h"

#include <stdlib.h>

#include "check.h"
#include "memory.h"

enum { BYTES_PER_ROW = 8 };

double strata_border_share(const struct strata_points *points)
{
    size_t each = (size_t)points->d * sizeof(float) + sizeof(uint32_t) + sizeof(uint16_t);
    return (double)BYTES_PER_ROW / (double)each;
}

enum strata_status strata_border_init(struct strata_border *border, const struct strata_points *points,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t tiles = (size_t)((double)points->chunk_tiles * strata_border_share(points));
    *border = (struct strata_border){.room = tiles * STRATA_TILE_ROWS};
    border->n = strata_calloc_array(points->n_chunks, sizeof *border->n);
    border->tile = strata_malloc_array(points->n_chunks, border->room * (size_t)points->d * sizeof *border->tile);
    border->row = strata_malloc_array(points->n_chunks, border->room * sizeof *border->row);
    border->label = strata_malloc_array(points->n_chunks, border->room * sizeof *border->label);
    if (!border->n || !border->tile || !border->row || !border->label)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the rows near a border of %zu points", points->n);
done:
    if (status != STRATA_OK)
        strata_border_release(border);
    return status;
}

bool strata_border_is_whole(const struct strata_border *border, const struct strata_points *points)
{
    for (size_t chunk = 0; chunk < points->n_chunks; ++chunk)
        if (border->n[chunk] > border->room)
            return false;
    return true;
}

void strata_border_add(struct strata_border *border, const struct strata_points *points, size_t chunk, size_t first,
                       const uint16_t *row, size_t n, const uint16_t *label)
{
    const size_t d = (size_t)points->d, start = border->n[chunk], base = chunk * border->room;
    const size_t offset = first - strata_points_chunk_start(points, chunk);
    border->n[chunk] += n;
    if (border->n[chunk] > border->room)
        return;
    for (size_t i = 0; i < n; ++i) {
        size_t place = base + start + i;
        const float *from = points->tile + strata_points_index(points, first + row[i], 0);
        float *to = border->tile + place / STRATA_TILE_ROWS * STRATA_TILE_ROWS * d + place % STRATA_TILE_ROWS;
        for (size_t c = 0; c < d; ++c)
            to[c * STRATA_TILE_ROWS] = from[c * STRATA_TILE_ROWS];
        border->row[place] = (uint32_t)(offset + row[i]);
        border->label[place] = label[row[i]];
    }
}

struct strata_points strata_border_points(const struct strata_border *border, const struct strata_points *points,
                                          size_t chunk)
{
    size_t n = border->n[chunk];
    return (struct strata_points){
        .n = n,
        .d = points->d,
        .n_tiles = (n + STRATA_TILE_ROWS - 1) / STRATA_TILE_ROWS,
        .tile = border->tile + chunk * border->room * (size_t)points->d,
    };
}

void strata_border_release(struct strata_border *border)
{
    free(border->n);
    free(border->tile);
    free(border->row);
    free(border->label);
    *border = (struct strata_border){0};
}
