#include "partition.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "partition_sort.h"

static const uint32_t LEFT_OUT = UINT32_MAX;
enum { FIRST_SLOTS = 4096 };

void strata_partition_release(struct strata_partition *partition)
{
    free(partition->customer);
    free(partition->first_row);
    free(partition->row);
    free(partition->source);
    free(partition->slot);
    free(partition->row_customer);
    free(partition->count);
    free(partition->rank);
    free(partition->found);
    free(partition->entry);
    free(partition->entry_spare);
    *partition = (struct strata_partition){0};
}

static enum strata_status replace(void *array_pointer, size_t count, size_t size, struct strata_error *err)
{
    void *grown = strata_malloc_array(count, size);
    if (!grown)
        return strata_fail_memory(err, "grouping a partition", count, size);
    void *old;
    memcpy(&old, array_pointer, sizeof old);
    free(old);
    memcpy(array_pointer, &grown, sizeof grown);
    return STRATA_OK;
}

static enum strata_status reserve_rows(struct strata_partition *partition, size_t n_rows, bool with_source,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (n_rows <= partition->row_capacity)
        return STRATA_OK;
    partition->row_capacity = 0;
    size_t capacity = n_rows + n_rows / 8;
    STRATA_TRY(replace(&partition->row, capacity, sizeof *partition->row, err));
    STRATA_TRY(replace(&partition->row_customer, capacity, sizeof *partition->row_customer, err));
    if (with_source)
        STRATA_TRY(replace(&partition->source, capacity, sizeof *partition->source, err));
    partition->row_capacity = capacity;
done:
    return status;
}

/* `found` and `count` keep their contents, the rest is filled later. */
static enum strata_status reserve_customers(struct strata_partition *partition, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t capacity = partition->customer_capacity ? partition->customer_capacity * 2 : FIRST_SLOTS;
    struct strata_key *found = realloc(partition->found, capacity * sizeof *found);
    if (!found)
        return strata_fail_memory(err, "grouping a partition", capacity, sizeof *found);
    partition->found = found;
    uint32_t *count = realloc(partition->count, capacity * sizeof *count);
    if (!count)
        return strata_fail_memory(err, "grouping a partition", capacity, sizeof *count);
    partition->count = count;
    STRATA_TRY(replace(&partition->customer, capacity, sizeof *partition->customer, err));
    STRATA_TRY(replace(&partition->first_row, capacity + 1, sizeof *partition->first_row, err));
    STRATA_TRY(replace(&partition->rank, capacity, sizeof *partition->rank, err));
    STRATA_TRY(replace(&partition->entry, capacity, sizeof *partition->entry, err));
    STRATA_TRY(replace(&partition->entry_spare, capacity, sizeof *partition->entry_spare, err));
    partition->customer_capacity = capacity;
done:
    return status;
}

static void insert_slot(uint64_t *slot, size_t mask, uint64_t hash, uint32_t number)
{
    size_t at = hash & mask;
    while (slot[at])
        at = (at + 1) & mask;
    slot[at] = (hash >> 32 << 32) | (number + 1);
}

static enum strata_status resize_slots(struct strata_partition *partition, size_t capacity, struct strata_error *err)
{
    enum strata_status status = replace(&partition->slot, capacity, sizeof *partition->slot, err);
    if (status != STRATA_OK)
        return status;
    partition->slot_capacity = capacity;
    memset(partition->slot, 0, capacity * sizeof *partition->slot);
    for (size_t i = 0; i < partition->n_customers; ++i)
        insert_slot(partition->slot, capacity - 1, strata_key_hash(partition->found[i]), (uint32_t)i);
    return STRATA_OK;
}

static enum strata_status add_customer(struct strata_partition *partition, struct strata_key key, uint64_t hash,
                                       uint32_t *number, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (partition->n_customers == partition->customer_capacity)
        STRATA_TRY(reserve_customers(partition, err));
    if (2 * (partition->n_customers + 1) > partition->slot_capacity)
        STRATA_TRY(resize_slots(partition, partition->slot_capacity * 2, err));
    *number = (uint32_t)partition->n_customers++;
    partition->found[*number] = key;
    partition->count[*number] = 0;
    insert_slot(partition->slot, partition->slot_capacity - 1, hash, *number);
done:
    return status;
}

static enum strata_status find_customer(struct strata_partition *partition, struct strata_key key, uint32_t *number,
                                        struct strata_error *err)
{
    uint64_t hash = strata_key_hash(key);
    size_t mask = partition->slot_capacity - 1;
    for (size_t at = hash & mask; partition->slot[at]; at = (at + 1) & mask) {
        uint64_t slot = partition->slot[at];
        uint32_t candidate = (uint32_t)slot - 1;
        if (slot >> 32 == hash >> 32 && strata_key_equal(partition->found[candidate], key)) {
            *number = candidate;
            return STRATA_OK;
        }
    }
    return add_customer(partition, key, hash, number, err);
}

static const struct strata_ledger_chunk *first_chunk(const struct strata_ledger *ledger, int thread, size_t number)
{
    return ledger->thread[thread].oldest[number];
}

static size_t count_rows(const struct strata_ledger *ledger, size_t number)
{
    size_t bytes = 0;
    for (int t = 0; t < ledger->options.threads; ++t)
        for (const struct strata_ledger_chunk *chunk = first_chunk(ledger, t, number); chunk; chunk = chunk->next)
            bytes += chunk->used;
    return bytes / (size_t)ledger->layout.stride;
}

static void leave_out(const struct strata_ledger *ledger, const char *raw, struct strata_ledger_account *account)
{
    uint32_t origin;
    int64_t amount;
    memcpy(&origin, raw + ledger->layout.origin, sizeof origin);
    memcpy(&amount, raw + ledger->layout.amount, sizeof amount);
    ++account[origin].excluded_rows;
    account[origin].excluded_amount += amount;
}

/* First pass: number the customers and count their rows. */
static enum strata_status number_customers(struct strata_partition *partition, const struct strata_ledger *ledger,
                                           size_t number, const struct strata_ledger_filter *filter,
                                           struct strata_ledger_account *account, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_ledger_layout layout = ledger->layout;
    size_t i = 0;
    for (int t = 0; t < ledger->options.threads; ++t)
        for (const struct strata_ledger_chunk *chunk = first_chunk(ledger, t, number); chunk; chunk = chunk->next)
            for (const char *raw = chunk->rows; raw < chunk->rows + chunk->used; raw += layout.stride, ++i) {
                struct strata_key key;
                int32_t day;
                memcpy(&key, raw, sizeof key);
                memcpy(&day, raw + layout.day, sizeof day);
                if (day < filter->first_day || day > filter->last_day) {
                    leave_out(ledger, raw, account);
                    partition->row_customer[i] = LEFT_OUT;
                    continue;
                }
                uint32_t customer;
                STRATA_TRY(find_customer(partition, key, &customer, err));
                partition->row_customer[i] = customer;
                ++partition->count[customer];
                ++partition->n_rows;
            }
done:
    return status;
}

static void order_customers(struct strata_partition *partition)
{
    size_t n = partition->n_customers;
    for (size_t i = 0; i < n; ++i)
        partition->entry[i] = (struct strata_partition_entry){
            .key = partition->found[i],
            .bucket = (uint32_t)(strata_key_hash(partition->found[i]) >> (64 - STRATA_LEDGER_BUCKET_BITS)),
            .number = (uint32_t)i,
        };
    const struct strata_partition_entry *ordered = strata_partition_sort(partition->entry, partition->entry_spare, n);
    size_t at = 0;
    for (size_t i = 0; i < n; ++i) {
        uint32_t number = ordered[i].number;
        partition->customer[i] = ordered[i].key;
        partition->rank[number] = (uint32_t)i;
        partition->first_row[i] = at;
        at += partition->count[number];
    }
    partition->first_row[n] = at;
}

/* Second pass: rows to their customers. `count` becomes the next free place of each customer. */
static void scatter_rows(struct strata_partition *partition, const struct strata_ledger *ledger, size_t number)
{
    const struct strata_ledger_layout layout = ledger->layout;
    const bool with_source = ledger->options.fields != 0;
    size_t *next = partition->first_row;
    size_t i = 0;
    for (int t = 0; t < ledger->options.threads; ++t)
        for (const struct strata_ledger_chunk *chunk = first_chunk(ledger, t, number); chunk; chunk = chunk->next)
            for (const char *raw = chunk->rows; raw < chunk->rows + chunk->used; raw += layout.stride, ++i) {
                if (partition->row_customer[i] == LEFT_OUT)
                    continue;
                struct strata_ledger_row *row = &partition->row[next[partition->rank[partition->row_customer[i]]]++];
                memcpy(&row->amount, raw + layout.amount, sizeof row->amount);
                memcpy(&row->day, raw + layout.day, sizeof row->day);
                row->source = (uint32_t)i;
                if (with_source)
                    partition->source[i] = raw;
            }
    /* Each place now holds the beginning of the next customer: shift back. */
    memmove(next + 1, next, partition->n_customers * sizeof *next);
    next[0] = 0;
}

enum strata_status strata_partition_load(struct strata_partition *partition, const struct strata_ledger *ledger,
                                         size_t number, const struct strata_ledger_filter *filter,
                                         struct strata_ledger_account *account, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    partition->n_rows = partition->n_customers = 0;
    size_t n_rows = count_rows(ledger, number);
    if (n_rows >= LEFT_OUT)
        return strata_fail(err, STRATA_MEMORY, "more than %u transactions in one partition", LEFT_OUT - 1);
    if (!partition->customer_capacity)
        STRATA_TRY(reserve_customers(partition, err));
    STRATA_TRY(reserve_rows(partition, n_rows, ledger->options.fields != 0, err));
    if (partition->slot_capacity)
        memset(partition->slot, 0, partition->slot_capacity * sizeof *partition->slot);
    else
        STRATA_TRY(resize_slots(partition, FIRST_SLOTS, err));
    STRATA_TRY(number_customers(partition, ledger, number, filter, account, err));
    order_customers(partition);
    scatter_rows(partition, ledger, number);
done:
    return status;
}
