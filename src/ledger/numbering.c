#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "partition.h"
#include "partition_sort.h"

enum { FIRST_SLOTS = 4096 };

void strata_numbering_release(struct strata_numbering *numbering)
{
    free(numbering->customer);
    free(numbering->row_customer);
    free(numbering->row_customer_short);
    *numbering = (struct strata_numbering){0};
}

void strata_numbering_scratch_release(struct strata_numbering_scratch *scratch)
{
    free(scratch->slot);
    free(scratch->entry);
    free(scratch->entry_spare);
    free(scratch->place);
    free(scratch->row_customer);
    *scratch = (struct strata_numbering_scratch){0};
}

enum strata_status strata_partition_replace(void *array_pointer, size_t count, size_t size, struct strata_error *err)
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

/* `entry` keeps its contents, the others are filled later. */
static enum strata_status grow_customers(struct strata_numbering_scratch *scratch, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t capacity = scratch->customer_capacity ? scratch->customer_capacity * 2 : FIRST_SLOTS;
    struct strata_partition_entry *entry = realloc(scratch->entry, capacity * sizeof *entry);
    if (!entry)
        return strata_fail_memory(err, "grouping a partition", capacity, sizeof *entry);
    scratch->entry = entry;
    STRATA_TRY(strata_partition_replace(&scratch->entry_spare, capacity, sizeof *scratch->entry_spare, err));
    STRATA_TRY(strata_partition_replace(&scratch->place, capacity, sizeof *scratch->place, err));
    scratch->customer_capacity = capacity;
done:
    return status;
}

static void insert_slot(struct strata_numbering_scratch *scratch, uint64_t hash, uint32_t number)
{
    size_t mask = scratch->slot_capacity - 1, at = hash & mask;
    while (scratch->slot[at])
        at = (at + 1) & mask;
    scratch->slot[at] = (hash >> 32 << 32) | (number + 1);
}

static enum strata_status resize_slots(struct strata_numbering_scratch *scratch, size_t n_customers, size_t capacity,
                                       struct strata_error *err)
{
    enum strata_status status = strata_partition_replace(&scratch->slot, capacity, sizeof *scratch->slot, err);
    if (status != STRATA_OK)
        return status;
    scratch->slot_capacity = capacity;
    memset(scratch->slot, 0, capacity * sizeof *scratch->slot);
    for (size_t i = 0; i < n_customers; ++i)
        insert_slot(scratch, strata_key_hash(scratch->entry[i].key), (uint32_t)i);
    return STRATA_OK;
}

static enum strata_status add_customer(struct strata_numbering_scratch *scratch, size_t *n_customers,
                                       struct strata_key key, uint64_t hash, uint32_t *customer,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (*n_customers == scratch->customer_capacity)
        STRATA_TRY(grow_customers(scratch, err));
    if (2 * (*n_customers + 1) > scratch->slot_capacity)
        STRATA_TRY(resize_slots(scratch, *n_customers, scratch->slot_capacity * 2, err));
    *customer = (uint32_t)(*n_customers)++;
    scratch->entry[*customer] =
        (struct strata_partition_entry){.key = key,
                                        .bucket = (uint32_t)(hash >> (64 - STRATA_LEDGER_BUCKET_BITS)),
                                        .number = *customer};
    insert_slot(scratch, hash, *customer);
done:
    return status;
}

static enum strata_status find_customer(struct strata_numbering_scratch *scratch, size_t *n_customers,
                                        struct strata_key key, uint32_t *customer, struct strata_error *err)
{
    uint64_t hash = strata_key_hash(key);
    size_t mask = scratch->slot_capacity - 1;
    for (size_t at = hash & mask; scratch->slot[at]; at = (at + 1) & mask) {
        uint64_t slot = scratch->slot[at];
        uint32_t candidate = (uint32_t)slot - 1;
        if (slot >> 32 == hash >> 32 && strata_key_equal(scratch->entry[candidate].key, key)) {
            *customer = candidate;
            return STRATA_OK;
        }
    }
    return add_customer(scratch, n_customers, key, hash, customer, err);
}

static void leave_out(const struct strata_ledger *ledger, const char *raw, int64_t amount,
                      struct strata_ledger_account *account)
{
    uint32_t origin;
    memcpy(&origin, raw + ledger->layout.origin, sizeof origin);
    ++account[origin].excluded_rows;
    account[origin].excluded_amount += amount;
}

/* Number the customers of a chunk's rows in the order in which they appear. */
static enum strata_status number_chunk(struct strata_numbering *numbering, struct strata_numbering_scratch *scratch,
                                       const struct strata_ledger *ledger, const struct strata_ledger_chunk *chunk,
                                       const struct strata_ledger_filter *filter, struct strata_ledger_account *account,
                                       uint32_t *row_customer, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const size_t stride = strata_ledger_stride(ledger, chunk);
    const char *raw = strata_ledger_first_row(chunk);
    for (size_t i = 0; i < chunk->used / stride; ++i, raw += stride) {
        int32_t day;
        memcpy(&day, raw + ledger->layout.day, sizeof day);
        if (day < filter->first_day || day > filter->last_day) {
            leave_out(ledger, raw, strata_ledger_amount(raw, chunk->width), account);
            row_customer[i] = STRATA_ROW_LEFT_OUT;
            continue;
        }
        STRATA_TRY(find_customer(scratch, &numbering->n_customers, strata_ledger_key(raw, chunk->width),
                                 &row_customer[i], err));
    }
done:
    return status;
}

static enum strata_status number_rows(struct strata_numbering *numbering, struct strata_numbering_scratch *scratch,
                                      const struct strata_ledger *ledger, size_t number,
                                      const struct strata_ledger_filter *filter, struct strata_ledger_account *account,
                                      struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_ledger_chunks chunks = {.ledger = ledger, .number = number};
    uint32_t *row_customer = scratch->row_customer;
    for (const struct strata_ledger_chunk *chunk; (chunk = strata_ledger_next_chunk(&chunks)) != NULL;) {
        STRATA_TRY(number_chunk(numbering, scratch, ledger, chunk, filter, account, row_customer, err));
        row_customer += chunk->used / strata_ledger_stride(ledger, chunk);
    }
done:
    return status;
}

/* From the order of first rows to the canonical order. */
static enum strata_status order_customers(struct strata_numbering *numbering, struct strata_numbering_scratch *scratch,
                                          struct strata_error *err)
{
    size_t n = numbering->n_customers;
    numbering->customer = strata_malloc_array(n, sizeof *numbering->customer);
    if (!numbering->customer)
        return strata_fail_memory(err, "customer ids", n, sizeof *numbering->customer);
    const struct strata_partition_entry *ordered = strata_partition_sort(scratch->entry, scratch->entry_spare, n);
    for (size_t i = 0; i < n; ++i) {
        numbering->customer[i] = ordered[i].key;
        scratch->place[ordered[i].number] = (uint32_t)i;
    }
    return STRATA_OK;
}

/* Each row's place in the canonical order, in as few bytes as it needs. */
static enum strata_status place_rows(struct strata_numbering *numbering, const struct strata_numbering_scratch *scratch,
                                     struct strata_error *err)
{
    size_t n = numbering->n_rows;
    bool is_short = numbering->n_customers < STRATA_ROW_LEFT_OUT_SHORT;
    if (is_short)
        numbering->row_customer_short = strata_malloc_array(n, sizeof *numbering->row_customer_short);
    else
        numbering->row_customer = strata_malloc_array(n, sizeof *numbering->row_customer);
    if (!numbering->row_customer_short && !numbering->row_customer)
        return strata_fail_memory(err, "grouping a partition", n, sizeof *numbering->row_customer);
    for (size_t i = 0; i < n; ++i) {
        uint32_t customer = scratch->row_customer[i];
        uint32_t place = customer == STRATA_ROW_LEFT_OUT ? STRATA_ROW_LEFT_OUT : scratch->place[customer];
        if (is_short)
            numbering->row_customer_short[i] = (uint16_t)place; /* "left out" keeps all its bits */
        else
            numbering->row_customer[i] = place;
    }
    return STRATA_OK;
}

static size_t count_rows(const struct strata_ledger *ledger, size_t number)
{
    size_t rows = 0;
    struct strata_ledger_chunks chunks = {.ledger = ledger, .number = number};
    for (const struct strata_ledger_chunk *chunk; (chunk = strata_ledger_next_chunk(&chunks)) != NULL;)
        rows += chunk->used / strata_ledger_stride(ledger, chunk);
    return rows;
}

enum strata_status strata_numbering_make(struct strata_numbering *numbering, struct strata_numbering_scratch *scratch,
                                         const struct strata_ledger *ledger, size_t number,
                                         const struct strata_ledger_filter *filter,
                                         struct strata_ledger_account *account, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *numbering = (struct strata_numbering){.n_rows = count_rows(ledger, number)};
    if (numbering->n_rows >= STRATA_ROW_LEFT_OUT)
        return strata_fail(err, STRATA_MEMORY, "more than %u transactions in one partition", STRATA_ROW_LEFT_OUT - 1);
    if (numbering->n_rows > scratch->row_capacity) {
        scratch->row_capacity = 0;
        size_t capacity = numbering->n_rows + numbering->n_rows / 8;
        STRATA_TRY(strata_partition_replace(&scratch->row_customer, capacity, sizeof *scratch->row_customer, err));
        scratch->row_capacity = capacity;
    }
    if (!scratch->customer_capacity)
        STRATA_TRY(grow_customers(scratch, err));
    if (scratch->slot_capacity)
        memset(scratch->slot, 0, scratch->slot_capacity * sizeof *scratch->slot);
    else
        STRATA_TRY(resize_slots(scratch, 0, FIRST_SLOTS, err));
    STRATA_TRY(number_rows(numbering, scratch, ledger, number, filter, account, err));
    STRATA_TRY(order_customers(numbering, scratch, err));
    STRATA_TRY(place_rows(numbering, scratch, err));
done:
    return status;
}
