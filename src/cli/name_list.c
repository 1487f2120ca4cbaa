#include "name_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Copy the name at `at`, without its quotes, to `out`; returns what follows, NULL if a quote is not closed. */
static const char *take_name(const char *at, char *out)
{
    if (*at != '"') {
        size_t n = strcspn(at, ",");
        memcpy(out, at, n);
        out[n] = '\0';
        return at + n;
    }
    for (++at; *at; *out++ = *at++)
        if (*at == '"' && *++at != '"') {
            *out = '\0';
            return at;
        }
    return NULL;
}

static enum strata_status add(struct cli_name_list *list, const char *name, struct strata_error *err)
{
    char **grown = reallocarray(list->name, list->n + 1, sizeof *grown);
    if (grown)
        list->name = grown;
    if (!grown || !(grown[list->n] = strdup(name)))
        return strata_fail(err, STRATA_MEMORY, "out of memory for a list of names");
    ++list->n;
    return STRATA_OK;
}

enum strata_status cli_name_list_add(struct cli_name_list *list, const char *flag, const char *value,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const char *at = value;
    char *name = malloc(strlen(value) + 1);
    if (!name)
        return strata_fail(err, STRATA_MEMORY, "out of memory for a list of names");
    for (bool is_last = false; status == STRATA_OK && !is_last;) {
        at = take_name(at, name);
        if (!at || (*at && *at != ','))
            status = strata_fail(err, STRATA_USAGE,
                                 "--%s: %s in '%s'\nwrite a name that has a comma in double quotes, and a quote "
                                 "inside these twice, as in CSV: 'a,\"b, c\"'",
                                 flag, at ? "a name goes on behind its closing quote" : "a quote is not closed", value);
        else if (!*name)
            status = strata_fail(err, STRATA_USAGE, "--%s: '%s' has an empty name\nwrite for example --%s a,b", flag,
                                 value, flag);
        else
            status = add(list, name, err);
        if (status == STRATA_OK)
            is_last = *at++ == '\0';
    }
    free(name);
    return status;
}

void cli_name_list_release(struct cli_name_list *list)
{
    for (size_t i = 0; i < list->n; ++i)
        free(list->name[i]);
    free(list->name);
    *list = (struct cli_name_list){0};
}
