#include "partition.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

/* The streams are merged by day until they have been changed so often: more than that, and they are in no order. */
enum { ROWS_PER_CHANGE = 4 };

/* How many rows before it is needed memory is on its way into the nearest cache. */
enum { AHEAD = 16 };

#define ALWAYS_INLINE static inline __attribute__((always_inline))

void strata_partition_release(struct strata_partition *partition)
{
    free(partition->memory);
    *partition = (struct strata_partition){0};
}

void strata_partition_loader_release(struct strata_partition_loader *loader)
{
    strata_customers_release(&loader->customers);
    free(loader->stream);
    free(loader->row);
    free(loader->rest);
    *loader = (struct strata_partition_loader){0};
}

size_t strata_partition_count_rows(const struct strata_ledger *ledger, size_t number)
{
    size_t rows = 0;
    for (int t = 0; t < ledger->options.threads; ++t)
        for (int w = 0; w < STRATA_N_WIDTHS; ++w)
            rows += strata_ledger_list_bytes(&ledger->thread[t].list[w][number]) /
                    strata_ledger_stride(ledger, (enum strata_ledger_width)w);
    return rows;
}

uint64_t strata_partition_loader_bytes(const struct strata_ledger *ledger, size_t n_rows)
{
    const size_t rest = ledger->layout.n_bytes ? sizeof(const char *) : 0;
    return n_rows * (uint64_t)(sizeof(struct strata_partition_row) + rest);
}

uint64_t strata_partition_bytes(const struct strata_ledger *ledger, size_t n_rows, size_t n_customers)
{
    return n_rows * (uint64_t)(sizeof(int64_t) + sizeof(int32_t) + (size_t)ledger->layout.n_bytes) +
           n_customers * (uint64_t)(sizeof(struct strata_key) + sizeof(uint32_t)) + sizeof(uint32_t);
}

/* Replace the array that `array_pointer` points to by a new one; its contents are gone. */
static enum strata_status replace(void *array_pointer, size_t count, size_t size, struct strata_error *err)
{
    void *old, *array = strata_malloc_array(count, size);
    if (!array)
        return strata_fail_memory(err, "grouping a partition", count, size);
    memcpy(&old, array_pointer, sizeof old);
    free(old);
    memcpy(array_pointer, &array, sizeof array);
    return STRATA_OK;
}

static enum strata_status reserve_rows(struct strata_partition_loader *loader, const struct strata_ledger *ledger,
                                       size_t n_rows, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (!loader->stream)
        STRATA_TRY(
            replace(&loader->stream, (size_t)ledger->options.threads * STRATA_N_WIDTHS, sizeof *loader->stream, err));
    if (n_rows <= loader->capacity)
        return STRATA_OK;
    const size_t capacity = n_rows + n_rows / 8;
    loader->capacity = 0;
    STRATA_TRY(replace(&loader->row, capacity, sizeof *loader->row, err));
    if (ledger->layout.n_bytes)
        STRATA_TRY(replace(&loader->rest, capacity, sizeof *loader->rest, err));
    loader->capacity = capacity;
done:
    return status;
}

/* What loading a partition works with. */
struct load {
    struct strata_partition_loader *loader;
    const struct strata_ledger *ledger;
    const struct strata_ledger_filter *filter;
    struct strata_ledger_account *account;
};

ALWAYS_INLINE int32_t day_of(const char *row, enum strata_ledger_width width)
{
    if (width == STRATA_ROW_NARROW) {
        struct strata_ledger_narrow narrow;
        memcpy(&narrow, row, sizeof narrow);
        return strata_ledger_narrow_day(narrow);
    }
    int32_t day;
    memcpy(&day, row + offsetof(struct strata_ledger_wide, day), sizeof day);
    return day;
}

static void begin_chunk(struct strata_partition_stream *stream, const struct strata_ledger_chunk *chunk)
{
    while (chunk && chunk->used == 0)
        chunk = chunk->next;
    stream->chunk = chunk;
    if (!chunk)
        return;
    stream->row = chunk->rows;
    stream->end = chunk->rows + chunk->used;
    stream->day = day_of(stream->row, chunk->width);
}

/* The streams that have rows. */
static size_t begin_streams(struct load *load, size_t number)
{
    size_t n = 0;
    for (int t = 0; t < load->ledger->options.threads; ++t)
        for (int width = 0; width < STRATA_N_WIDTHS; ++width) {
            begin_chunk(&load->loader->stream[n], load->ledger->thread[t].list[width][number].oldest);
            n += load->loader->stream[n].chunk != NULL;
        }
    return n;
}

static void leave_out(const struct load *load, const char *rest, int64_t amount)
{
    uint32_t origin;
    memcpy(&origin, rest + load->ledger->layout.origin, sizeof origin);
    ++load->account[origin].excluded_rows;
    load->account[origin].excluded_amount += amount;
}

/* Who a row is of, and what. */
struct head {
    struct strata_key customer; /* of a wide row */
    uint64_t hash;
    uint32_t suffix;
    int32_t day;
    int64_t amount;
};

ALWAYS_INLINE struct head read_head(const char *row, enum strata_ledger_width width)
{
    if (width == STRATA_ROW_NARROW) {
        struct strata_ledger_narrow narrow;
        memcpy(&narrow, row, sizeof narrow);
        return (struct head){
            .hash = narrow.hash,
            .suffix = strata_ledger_narrow_suffix(narrow),
            .day = strata_ledger_narrow_day(narrow),
            .amount = strata_ledger_narrow_amount(narrow),
        };
    }
    struct strata_ledger_wide wide;
    memcpy(&wide, row, STRATA_WIDE_HEAD);
    return (struct head){
        .customer = wide.customer,
        .hash = strata_key_hash(wide.customer),
        .suffix = strata_ledger_has_suffix(wide.customer) ? strata_ledger_suffix(wide.customer) : STRATA_NO_SUFFIX,
        .day = wide.day,
        .amount = wide.amount,
    };
}

static enum strata_status add_customer(struct strata_customers *customers, const struct head *head,
                                       enum strata_ledger_width width, uint32_t *number, struct strata_error *err)
{
    const struct strata_key key = width == STRATA_ROW_NARROW
                                      ? strata_key_from_hash(head->hash, strata_ledger_low((uint16_t)head->suffix))
                                      : head->customer;
    *number = (uint32_t)customers->n + 1;
    return strata_customers_add(customers, head->hash, head->suffix, key, err);
}

/* The rows of a stream up to a day, or all of it. */
ALWAYS_INLINE enum strata_status read_run(struct load *load, struct strata_partition_stream *stream,
                                          enum strata_ledger_width width, int32_t last_day, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_partition_loader *loader = load->loader;
    struct strata_customers *customers = &loader->customers;
    const int head_bytes = strata_ledger_head_bytes(width), rest_bytes = load->ledger->layout.n_bytes;
    const int32_t first = load->filter->first_day, last = load->filter->last_day;
    do {
        const char *row = stream->row;
        const struct head head = read_head(row, width);
        if (head.day < first || head.day > last) {
            leave_out(load, row + head_bytes, head.amount);
        } else {
            uint32_t number = strata_customers_find(customers, head.hash, head.suffix, head.customer);
            if (number == 0)
                STRATA_TRY(add_customer(customers, &head, width, &number, err));
            ++customers->n_rows[number - 1];
            loader->row[loader->n_rows] =
                (struct strata_partition_row){.amount = head.amount, .day = head.day, .customer = number - 1};
            if (rest_bytes)
                loader->rest[loader->n_rows] = row + head_bytes;
            ++loader->n_rows;
        }
        stream->row = row + head_bytes + rest_bytes;
        if (stream->row == stream->end)
            begin_chunk(stream, stream->chunk->next);
        else
            stream->day = day_of(stream->row, width);
    } while (stream->chunk && stream->day <= last_day);
done:
    return status;
}

static enum strata_status read_stream(struct load *load, struct strata_partition_stream *stream, int32_t last_day,
                                      struct strata_error *err)
{
    if (stream->chunk->width == STRATA_ROW_NARROW)
        return read_run(load, stream, STRATA_ROW_NARROW, last_day, err);
    return read_run(load, stream, STRATA_ROW_WIDE, last_day, err);
}

/* The stream whose next row is the earliest comes first; *next_day is the earliest of the others. */
static void find_earliest(struct strata_partition_stream *stream, size_t n, int32_t *next_day)
{
    size_t earliest = 0;
    for (size_t s = 1; s < n; ++s)
        earliest = stream[s].day < stream[earliest].day ? s : earliest;
    const struct strata_partition_stream found = stream[earliest];
    stream[earliest] = stream[0];
    stream[0] = found;
    *next_day = INT32_MAX;
    for (size_t s = 1; s < n; ++s)
        *next_day = stream[s].day < *next_day ? stream[s].day : *next_day;
}

/* The rows of all threads. A log in order of time gives every thread rows in order: taken by day, those of a customer
 * need no sorting later. */
static enum strata_status read_rows(struct load *load, size_t number, size_t n_rows, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_partition_stream *stream = load->loader->stream;
    size_t n = begin_streams(load, number);
    for (size_t changes = n_rows / ROWS_PER_CHANGE; n > 0; changes -= changes > 0) {
        int32_t next_day = INT32_MAX;
        if (changes)
            find_earliest(stream, n, &next_day);
        STRATA_TRY(read_stream(load, &stream[0], next_day, err));
        if (!stream[0].chunk)
            stream[0] = stream[--n];
    }
done:
    return status;
}

/* The partition's arrays in its memory. */
static enum strata_status place_arrays(struct strata_partition *partition, const struct strata_ledger *ledger,
                                       struct strata_error *err)
{
    const size_t n_rows = partition->n_rows, n_customers = partition->n_customers;
    const uint64_t n_bytes = strata_partition_bytes(ledger, n_rows, n_customers);
    if (n_bytes > partition->capacity) {
        const size_t capacity = n_bytes + n_bytes / 8;
        partition->capacity = 0;
        enum strata_status status = replace(&partition->memory, capacity, 1, err);
        if (status != STRATA_OK)
            return status;
        partition->capacity = capacity;
    }
    /* By size, so that each is aligned. */
    partition->customer = (void *)partition->memory;
    partition->amount = (void *)(partition->customer + n_customers);
    partition->day = (void *)(partition->amount + n_rows);
    partition->first = (void *)(partition->day + n_rows);
    partition->rest = (void *)(partition->first + n_customers + 1);
    return STRATA_OK;
}

/* The customers in canonical order; their counts of rows become the places of their next rows. */
static void order_customers(struct strata_partition *partition, struct strata_customers *customers)
{
    const size_t n = customers->n;
    uint64_t mask;
    const uint64_t *order = strata_partition_sort(customers->entry, customers->ticket, customers->spare, n, &mask);
    uint32_t at = 0;
    for (size_t i = 0; i < n; ++i) {
        const size_t number = order[i] & mask;
        const uint32_t count = customers->n_rows[number];
        partition->customer[i] = customers->entry[number].key;
        partition->first[i] = customers->n_rows[number] = at;
        at += count;
    }
    partition->first[n] = at;
}

static void place_rows(struct strata_partition *partition, const struct strata_partition_loader *loader,
                       size_t rest_bytes)
{
    uint32_t *next = loader->customers.n_rows;
    for (size_t i = 0; i < loader->n_rows; ++i) {
        const struct strata_partition_row row = loader->row[i];
        if (i + AHEAD < loader->n_rows) {
            const size_t soon = next[loader->row[i + AHEAD].customer];
            __builtin_prefetch(&partition->amount[soon], 1);
            __builtin_prefetch(&partition->day[soon], 1);
        }
        const size_t at = next[row.customer]++;
        partition->amount[at] = row.amount;
        partition->day[at] = row.day;
        if (rest_bytes)
            memcpy(partition->rest + at * rest_bytes, loader->rest[i], rest_bytes);
    }
}

enum strata_status strata_partition_load(struct strata_partition *partition, struct strata_partition_loader *loader,
                                         const struct strata_ledger *ledger, size_t number,
                                         const struct strata_ledger_filter *filter,
                                         struct strata_ledger_account *account, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct load load = {loader, ledger, filter, account};
    const size_t n_rows = strata_partition_count_rows(ledger, number);
    if (n_rows >= UINT32_MAX)
        return strata_fail(err, STRATA_MEMORY, "more than %u transactions in one partition", UINT32_MAX - 1);
    STRATA_TRY(reserve_rows(loader, ledger, n_rows, err));
    STRATA_TRY(strata_customers_begin(&loader->customers, err));
    loader->n_rows = 0;
    STRATA_TRY(read_rows(&load, number, n_rows, err));
    partition->n_rows = loader->n_rows;
    partition->n_customers = loader->customers.n;
    STRATA_TRY(place_arrays(partition, ledger, err));
    order_customers(partition, &loader->customers);
    place_rows(partition, loader, (size_t)ledger->layout.n_bytes);
done:
    return status;
}
