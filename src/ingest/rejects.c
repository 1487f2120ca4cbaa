#include "rejects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amount_hint.h"
#include "check.h"
#include "decimal.h"
#include "memory.h"
#include "utf8.h"

static const char *const reasons[] = {
#define STRATA_REJECT_ROW(name, text) [STRATA_REJECT_##name] = text,
    STRATA_REJECT_REASONS(STRATA_REJECT_ROW)
#undef STRATA_REJECT_ROW
};

const char *strata_reject_reason_text(enum strata_reject_reason reason) { return reasons[reason]; }

void strata_rejects_release(struct strata_rejects *rejects)
{
    free(rejects->reject);
    *rejects = (struct strata_rejects){0};
}

static enum strata_status reserve(struct strata_rejects *rejects, size_t n, struct strata_error *err)
{
    void *array = rejects->reject;
    enum strata_status status =
        strata_grow_array(&array, &rejects->capacity, rejects->n + n, sizeof *rejects->reject, err);
    rejects->reject = array;
    return status;
}

enum strata_status strata_rejects_add(struct strata_rejects *rejects, const struct strata_reject *reject,
                                      struct strata_error *err)
{
    enum strata_status status = reserve(rejects, 1, err);
    if (status == STRATA_OK)
        rejects->reject[rejects->n++] = *reject;
    return status;
}

/* Each is there twice while the lists of the threads become one, and while that is sorted. */
static uint64_t most_kept(const struct strata_reject_rule *rule)
{
    return rule->memory_bytes ? rule->memory_bytes / (2 * sizeof(struct strata_reject)) : UINT64_MAX;
}

enum strata_status strata_rejects_keep(struct strata_rejects *rejects, size_t *n_kept, struct strata_reject_rule *rule,
                                       const struct strata_reject *reject, struct strata_error *err)
{
    const bool is_enough = rule->all ? rejects->n > rule->max : *n_kept >= STRATA_REJECTS_NAMED;
    if (is_enough && *n_kept >= STRATA_REJECTS_NAMED)
        return STRATA_OK;
    const uint64_t n = __atomic_add_fetch(&rule->n, 1, __ATOMIC_RELAXED), most = most_kept(rule);
    if (rule->all && n > most)
        return strata_fail(err, STRATA_MEMORY,
                           "there are more than %llu bad rows, the most for whose places and reasons the memory limit "
                           "leaves room\nmend them, raise --memory-limit, or let fewer reject the run with "
                           "--max-bad-rows",
                           (unsigned long long)most);
    ++*n_kept;
    return strata_rejects_add(rejects, reject, err);
}

enum strata_status strata_rejects_append(struct strata_rejects *rejects, struct strata_rejects *part,
                                         struct strata_error *err)
{
    if (part->n == 0)
        return STRATA_OK;
    enum strata_status status = reserve(rejects, part->n, err);
    if (status != STRATA_OK)
        return status;
    memcpy(rejects->reject + rejects->n, part->reject, part->n * sizeof *part->reject);
    rejects->n += part->n;
    strata_rejects_release(part);
    return STRATA_OK;
}

static int compare_places(const void *a, const void *b)
{
    const struct strata_reject *x = a, *y = b;
    if (x->origin != y->origin)
        return x->origin < y->origin ? -1 : 1;
    if (x->byte != y->byte)
        return x->byte < y->byte ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

void strata_rejects_sort(struct strata_rejects *rejects)
{
    if (rejects->n)
        qsort(rejects->reject, rejects->n, sizeof *rejects->reject, compare_places);
}

/* "more than 4 decimals": some reasons have a number in them. */
static void put_reason(const struct strata_reject *reject, char *out, size_t capacity)
{
    char most[STRATA_DECIMAL_TEXT];
    const char *plural = reject->decimals == 1 ? "" : "s";
    switch (reject->reason) {
    case STRATA_REJECT_NUMBER_DECIMALS:
        (void)snprintf(out, capacity, "more than %d decimal%s", reject->decimals, plural);
        return;
    case STRATA_REJECT_PRODUCT_DECIMALS:
        (void)snprintf(out, capacity, "quantity x unit price has more than %d decimal%s", reject->decimals, plural);
        return;
    case STRATA_REJECT_NUMBER_RANGE:
        strata_decimal_format(INT64_MAX, reject->decimals, most);
        (void)snprintf(out, capacity, "number out of range (beyond %s)", most);
        return;
    default: (void)snprintf(out, capacity, "%s", strata_reject_reason_text(reject->reason)); return;
    }
}

void strata_reject_describe(const struct strata_reject *reject, char *out, size_t capacity)
{
    char value[STRATA_REJECT_VALUE_BYTES + 1], reason[96], hint[128] = "";
    put_reason(reject, reason, sizeof reason);
    memcpy(value, reject->value, reject->n_value);
    strata_utf8_make_printable(value, reject->n_value);
    value[reject->n_value] = '\0';
    if (reject->hint != STRATA_AMOUNT_HINT_NONE)
        (void)snprintf(hint, sizeof hint, " (it is one with %s)",
                       strata_amount_hint_text((enum strata_amount_hint)reject->hint));
    if (reject->n_value)
        (void)snprintf(out, capacity, "%s: '%s'%s", reason, value, hint);
    else
        (void)snprintf(out, capacity, "%s", reason);
}
