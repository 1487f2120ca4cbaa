#include "customers.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

enum { FIRST_CUSTOMERS = 1024 };

void strata_customers_release(struct strata_customers *customers)
{
    free(customers->slot);
    free(customers->entry);
    free(customers->n_rows);
    free(customers->ticket);
    free(customers->spare);
    *customers = (struct strata_customers){0};
}

static void insert(struct strata_customers *customers, const struct strata_customer_slot *slot)
{
    const size_t mask = customers->n_slots - 1;
    size_t at = (size_t)slot->hash & mask;
    while (customers->slot[at].number)
        at = (at + 1) & mask;
    customers->slot[at] = *slot;
}

/* Twice as many slots. */
static enum strata_status grow_slots(struct strata_customers *customers, size_t n_slots, struct strata_error *err)
{
    struct strata_customer_slot *old = customers->slot;
    struct strata_customer_slot *slot = strata_calloc_array(n_slots, sizeof *slot);
    if (!slot)
        return strata_fail_memory(err, "grouping a partition", n_slots, sizeof *slot);
    const size_t n_old = customers->n_slots;
    customers->slot = slot;
    customers->n_slots = n_slots;
    for (size_t i = 0; i < n_old; ++i)
        if (old[i].number)
            insert(customers, &old[i]);
    free(old);
    return STRATA_OK;
}

/* The array that `array_pointer` points to, with room for more. */
static bool enlarge(void *array_pointer, size_t capacity, size_t size)
{
    void *array;
    memcpy(&array, array_pointer, sizeof array);
    array = reallocarray(array, capacity, size);
    if (array)
        memcpy(array_pointer, &array, sizeof array);
    return array != NULL;
}

static enum strata_status grow(struct strata_customers *customers, size_t capacity, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (!enlarge(&customers->entry, capacity, sizeof *customers->entry) ||
        !enlarge(&customers->n_rows, capacity, sizeof *customers->n_rows) ||
        !enlarge(&customers->ticket, capacity, sizeof *customers->ticket) ||
        !enlarge(&customers->spare, capacity, sizeof *customers->spare))
        return strata_fail_memory(err, "grouping a partition", capacity, sizeof *customers->entry);
    STRATA_TRY(grow_slots(customers, 4 * capacity, err));
    customers->capacity = capacity;
done:
    return status;
}

enum strata_status strata_customers_begin(struct strata_customers *customers, struct strata_error *err)
{
    customers->n = 0;
    if (!customers->capacity)
        return grow(customers, FIRST_CUSTOMERS, err);
    memset(customers->slot, 0, customers->n_slots * sizeof *customers->slot);
    return STRATA_OK;
}

enum strata_status strata_customers_add(struct strata_customers *customers, uint64_t hash, uint32_t suffix,
                                        struct strata_key key, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (customers->n == customers->capacity)
        STRATA_TRY(grow(customers, customers->capacity * 2, err));
    const uint32_t number = (uint32_t)customers->n++;
    customers->entry[number] = (struct strata_partition_entry){
        .key = key,
        .bucket = (uint32_t)(hash >> (64 - STRATA_LEDGER_BUCKET_BITS)),
    };
    customers->n_rows[number] = 0;
    const struct strata_customer_slot slot = {.hash = hash, .suffix = suffix, .number = number + 1};
    insert(customers, &slot);
done:
    return status;
}
