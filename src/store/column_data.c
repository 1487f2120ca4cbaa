#include "column_data.h"

#include <endian.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "chunk_codec.h"
#include "hdf5_error.h"
#include "memory.h"

enum { CHUNK_ROWS = 1 << 16, MAX_CHUNK_BYTES = 1 << 20, CHUNKS_PER_THREAD = 4, MAX_GROUP = 128 };

size_t strata_column_chunk_rows(size_t n_rows, size_t row_bytes)
{
    size_t rows = CHUNK_ROWS;
    if (rows > MAX_CHUNK_BYTES / row_bytes)
        rows = MAX_CHUNK_BYTES / row_bytes;
    return rows < n_rows ? rows : n_rows;
}

enum strata_status strata_column_data_create(struct strata_column_data *column, struct strata_hdf5_file *file,
                                             bool compress, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    column->chunk_rows = strata_column_chunk_rows(column->n_rows, column->row_bytes);
    hsize_t extent = column->n_rows, chunk = column->chunk_rows;
    hid_t space = H5Screate_simple(1, &extent, NULL), properties = strata_hdf5_dataset_properties();

    bool ready = space >= 0 && properties >= 0;
    if (ready && compress) {
        /* Transposing the bytes helps numbers and hinders texts. */
        bool shuffle = !column->keys && column->row_bytes > 1;
        ready = H5Pset_chunk(properties, 1, &chunk) >= 0 && (!shuffle || H5Pset_shuffle(properties) >= 0) &&
                H5Pset_deflate(properties, STRATA_DEFLATE_LEVEL) >= 0;
    }
    if (!ready || (column->dataset = H5Dcreate2(file->file, column->path, column->type, space, file->link_properties,
                                                properties, H5P_DEFAULT)) < 0)
        status = strata_hdf5_file_fail(file, err, "dataset %s", column->path);
    if (properties >= 0)
        (void)H5Pclose(properties);
    if (space >= 0)
        (void)H5Sclose(space);
    return status;
}

void strata_column_data_release(struct strata_column_data *column)
{
    if (column->dataset > 0)
        (void)H5Dclose(column->dataset);
    free(column->path);
    *column = (struct strata_column_data){0};
}

/* A chunk on its way into the file. */
struct encoded_chunk {
    size_t column, first_row, n_rows;
    unsigned char *room;        /* owned */
    const unsigned char *bytes; /* there, or in the column itself */
    size_t n_bytes;
};

/* What a thread needs to encode. */
struct encoder {
    struct libdeflate_compressor *compressor;
    unsigned char *raw, *shuffled;
};

struct writing {
    struct strata_column_data *columns;
    size_t n_columns;
    struct strata_hdf5_file *file;
    bool compress;
    int threads;
    size_t next_column, next_row;   /* of the chunk after the last one planned */
    struct encoded_chunk *group[2]; /* one is encoded while the other is written */
    size_t n_in_group[2], group_limit;
    struct encoder *encoder;
};

/* A short id is two words: where rows are no longer, each is written as a whole, and the next one is put over what is
 * beyond its row. */
static void fill_keys(const struct strata_column_data *column, size_t first, size_t n, unsigned char *out)
{
    char text[STRATA_KEY_MAX_BYTES];
    const size_t row_bytes = column->row_bytes;
    for (size_t i = 0; i < n; ++i, out += row_bytes) {
        const struct strata_key key = column->keys[first + i];
        if (row_bytes <= sizeof key && (n - i) * row_bytes >= sizeof key && strata_key_is_short(key)) {
            const uint64_t words[2] = {htobe64(key.high), htobe64(key.low & ~(uint64_t)0xFF)};
            memcpy(out, words, sizeof words);
            continue;
        }
        const size_t n_bytes = strata_key_text(key, text), kept = n_bytes < row_bytes ? n_bytes : row_bytes;
        memcpy(out, text, kept);
        memset(out + kept, 0, row_bytes - kept);
    }
}

static void fill_rows(const struct strata_column_data *column, size_t first, size_t n, unsigned char *out)
{
    if (column->values) {
        memcpy(out, (const unsigned char *)column->values + first * column->row_bytes, n * column->row_bytes);
    } else if (column->keys) {
        fill_keys(column, first, n, out);
    } else {
        for (size_t i = 0; i < n; ++i) {
            int64_t number = (int64_t)(first + i);
            memcpy(out + i * sizeof number, &number, sizeof number);
        }
    }
}

/* A chunk of the file always has all its rows: those past the end are zeros. */
static void encode(const struct writing *writing, struct encoder *encoder, struct encoded_chunk *chunk)
{
    const struct strata_column_data *column = &writing->columns[chunk->column];
    chunk->bytes = chunk->room;
    if (!writing->compress) {
        if (column->values)
            chunk->bytes = (const unsigned char *)column->values + chunk->first_row * column->row_bytes;
        else
            fill_rows(column, chunk->first_row, chunk->n_rows, chunk->room);
        chunk->n_bytes = chunk->n_rows * column->row_bytes;
        return;
    }
    size_t n_bytes = column->chunk_rows * column->row_bytes, filled = chunk->n_rows * column->row_bytes;
    const unsigned char *raw = encoder->raw;
    if (column->values && filled == n_bytes) {
        raw = (const unsigned char *)column->values + chunk->first_row * column->row_bytes;
    } else {
        fill_rows(column, chunk->first_row, chunk->n_rows, encoder->raw);
        memset(encoder->raw + filled, 0, n_bytes - filled);
    }
    if (!column->keys && column->row_bytes > 1) {
        strata_chunk_shuffle(raw, encoder->shuffled, column->chunk_rows, column->row_bytes);
        raw = encoder->shuffled;
    }
    chunk->n_bytes = strata_chunk_deflate(encoder->compressor, raw, n_bytes, chunk->room);
}

static herr_t write_rows(const struct strata_column_data *column, const struct encoded_chunk *chunk)
{
    hsize_t start = chunk->first_row, n = chunk->n_rows;
    hid_t memory = H5Screate_simple(1, &n, NULL), file = H5Dget_space(column->dataset);
    herr_t result = memory < 0 || file < 0 || H5Sselect_hyperslab(file, H5S_SELECT_SET, &start, NULL, &n, NULL) < 0
                        ? -1
                        : H5Dwrite(column->dataset, column->type, memory, file, H5P_DEFAULT, chunk->bytes);
    /* After a failure they stay open: closing them would erase the reason, which the caller reports. */
    if (result >= 0) {
        (void)H5Sclose(memory);
        (void)H5Sclose(file);
    }
    return result;
}

static enum strata_status write_group(struct writing *writing, int which, struct strata_error *err)
{
    for (size_t i = 0; i < writing->n_in_group[which]; ++i) {
        const struct encoded_chunk *chunk = &writing->group[which][i];
        struct strata_column_data *column = &writing->columns[chunk->column];
        hsize_t offset = chunk->first_row;
        herr_t result = writing->compress
                            ? H5Dwrite_chunk(column->dataset, H5P_DEFAULT, 0, &offset, chunk->n_bytes, chunk->bytes)
                            : write_rows(column, chunk);
        if (result < 0)
            return strata_hdf5_file_fail(writing->file, err, "rows from %zu of %s", chunk->first_row, column->path);
        column->stored_bytes += chunk->n_bytes;
        const bool is_last = i + 1 == writing->n_in_group[which] || chunk[1].column != chunk->column;
        if (is_last && column->source)
            strata_file_array_rest(column->source);
    }
    return strata_hdf5_file_check(writing->file, err);
}

/* The next chunks in the order of the file: all of a column, then the next column. */
static void plan_group(struct writing *writing, int which)
{
    size_t n = 0;
    while (n < writing->group_limit && writing->next_column < writing->n_columns) {
        const struct strata_column_data *column = &writing->columns[writing->next_column];
        size_t left = column->n_rows - writing->next_row;
        size_t rows = left < column->chunk_rows ? left : column->chunk_rows;
        struct encoded_chunk *chunk = &writing->group[which][n++];
        chunk->column = writing->next_column;
        chunk->first_row = writing->next_row;
        chunk->n_rows = rows;
        writing->next_row += rows;
        if (writing->next_row == column->n_rows) {
            writing->next_row = 0;
            ++writing->next_column;
        }
    }
    writing->n_in_group[which] = n;
}

/* Encode one group while the calling thread writes the other, then helps. All calls of HDF5 are on that thread; the
 * first that has nothing else to do sends what has been written on its way to the disk. */
static enum strata_status encode_and_write(struct writing *writing, int encoding, int writing_out,
                                           struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    long n = (long)writing->n_in_group[encoding];
#pragma omp parallel num_threads(writing->threads)
    {
#pragma omp master
        status = write_group(writing, writing_out, err);
#pragma omp single nowait
        strata_hdf5_file_write_back(writing->file);
#pragma omp for schedule(dynamic, 1)
        for (long i = 0; i < n; ++i)
            encode(writing, &writing->encoder[omp_get_thread_num()], &writing->group[encoding][i]);
    }
    return status;
}

static enum strata_status allocate(struct writing *writing, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t raw_bytes = 1;
    for (size_t c = 0; c < writing->n_columns; ++c) {
        size_t n_bytes = writing->columns[c].chunk_rows * writing->columns[c].row_bytes;
        raw_bytes = n_bytes > raw_bytes ? n_bytes : raw_bytes;
    }
    size_t room = strata_chunk_bound(raw_bytes), limit = CHUNKS_PER_THREAD * (size_t)writing->threads;
    writing->group_limit = limit < MAX_GROUP ? limit : MAX_GROUP;
    for (int which = 0; which < 2; ++which) {
        writing->group[which] = strata_calloc_array(writing->group_limit, sizeof *writing->group[which]);
        if (!writing->group[which])
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
        for (size_t i = 0; i < writing->group_limit; ++i)
            if (!(writing->group[which][i].room = strata_malloc_array(room, 1)))
                STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu bytes to compress a chunk", room);
    }
    writing->encoder = strata_calloc_array((size_t)writing->threads, sizeof *writing->encoder);
    if (!writing->encoder)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    for (int t = 0; t < writing->threads; ++t) {
        struct encoder *encoder = &writing->encoder[t];
        encoder->raw = strata_malloc_array(raw_bytes, 1);
        encoder->shuffled = strata_malloc_array(raw_bytes, 1);
        encoder->compressor = libdeflate_alloc_compressor(STRATA_DEFLATE_LEVEL);
        if (!encoder->raw || !encoder->shuffled || !encoder->compressor)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %zu bytes to compress a chunk", 2 * raw_bytes);
    }
done:
    return status;
}

static void release(struct writing *writing)
{
    for (int which = 0; which < 2; ++which) {
        for (size_t i = 0; writing->group[which] && i < writing->group_limit; ++i)
            free(writing->group[which][i].room);
        free(writing->group[which]);
    }
    for (int t = 0; writing->encoder && t < writing->threads; ++t) {
        free(writing->encoder[t].raw);
        free(writing->encoder[t].shuffled);
        libdeflate_free_compressor(writing->encoder[t].compressor);
    }
    free(writing->encoder);
}

enum strata_status strata_column_data_write(struct strata_column_data *columns, size_t n_columns,
                                            struct strata_hdf5_file *file, bool compress, int threads,
                                            struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct writing writing = {
        .columns = columns, .n_columns = n_columns, .file = file, .compress = compress, .threads = threads};
    int encoding = 0;

    STRATA_TRY(allocate(&writing, err));
    do {
        plan_group(&writing, encoding);
        STRATA_TRY(encode_and_write(&writing, encoding, 1 - encoding, err));
        encoding = 1 - encoding;
    } while (writing.n_in_group[1 - encoding] > 0);
    for (size_t c = 0; c < n_columns; ++c)
        STRATA_TRY(strata_hdf5_expect(file, columns[c].path, (hsize_t[2]){columns[c].n_rows, 0},
                                      columns[c].stored_bytes, err));
done:
    release(&writing);
    return status;
}
