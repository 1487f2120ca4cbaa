#include "options.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS "Columns (a header name, or a number from 1; common names are recognised)"

static const struct strata_option options[] = {
#define STRATA_OPTION(kind, path, flag_name, field, ...)                                                               \
    {.name = (path),                                                                                                   \
     .flag = (flag_name),                                                                                              \
     .type = STRATA_OPTION_##kind,                                                                                     \
     .offset = offsetof(struct strata_config, field),                                                                  \
     __VA_ARGS__},
#include "options.def"
#undef STRATA_OPTION
};

enum { N_OPTIONS = sizeof options / sizeof options[0] };

/* The type of a row and the type of its field cannot drift apart. */
#define IS_TEXT(field)    _Generic((field), char * : 1, default : 0)
#define IS_CHOICE(field)  (sizeof(field) == sizeof(int))
#define IS_FLAG(field)    _Generic((field), bool : 1, default : 0)
#define IS_INTEGER(field) _Generic((field), int64_t : 1, default : 0)
#define IS_SIZE(field)    IS_INTEGER(field)
#define IS_REAL(field)    _Generic((field), double : 1, default : 0)
#define IS_DATE(field)    _Generic((field), int32_t : 1, default : 0)
#define IS_PATHS(field)   _Generic((field), struct strata_text_list : 1, default : 0)
#define IS_NAMES(field)   IS_PATHS(field)
#define IS_NUMBERS(field) _Generic((field), struct strata_number_list : 1, default : 0)
#define IS_RULES(field)   _Generic((field), struct strata_segment_rule * : 1, default : 0)
#define STRATA_OPTION(kind, path, flag_name, field, ...)                                                               \
    static_assert(IS_##kind(((struct strata_config *)0)->field), path ": the row and the field differ in type");
#include "options.def"
#undef STRATA_OPTION

size_t strata_option_count(void) { return N_OPTIONS; }

const struct strata_option *strata_option_at(size_t index) { return index < N_OPTIONS ? &options[index] : NULL; }

const struct strata_option *strata_option_find(const char *name)
{
    bool is_flag = strncmp(name, "--", 2) == 0;
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (is_flag ? options[i].flag && strcmp(options[i].flag, name + 2) == 0 : strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

enum { LONGEST_NAME = 63 };

/* The number of insertions, deletions, substitutions and swaps of neighbours that turn one into the other. */
static size_t name_distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t cost[3][LONGEST_NAME + 1];
    for (size_t j = 0; j <= n_b; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t *now = cost[i % 3];
        const size_t *before = cost[(i + 2) % 3], *two_before = cost[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t best = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < best)
                best = before[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && two_before[j - 2] + 1 < best)
                best = two_before[j - 2] + 1;
            now[j] = best;
        }
    }
    return cost[n_a % 3][n_b];
}

const char *strata_nearest_name(const char *text, const char *const *candidates, size_t n_candidates)
{
    size_t n_text = strlen(text);
    if (n_text == 0 || n_text > LONGEST_NAME)
        return NULL;
    const char *nearest = NULL;
    size_t least = n_text / 3 + 2; /* beyond about a third of the letters it is another word, not a misspelt one */
    for (size_t i = 0; i < n_candidates; i++) {
        size_t n = strlen(candidates[i]);
        if (n > LONGEST_NAME)
            continue;
        size_t distance = name_distance(text, n_text, candidates[i], n);
        if (distance < least && distance < n) {
            least = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

enum strata_status strata_option_blame(struct strata_error *err, enum strata_status status, const char *where)
{
    if (!err)
        return status;
    struct strata_error inner = *err;
    return strata_fail(err, status, "%s: %s", where, inner.message);
}
