/* The outline of a YAML configuration: which key is where, and what kind of value it has.
 *
 * libcyaml loads the values but does not say where they were, so the file is first read for its outline. Reading it
 * also refuses, with line and key, whatever does not have the shape of a configuration: unknown keys (with the nearest
 * known one), keys that are there twice, mappings where a value belongs and the reverse, aliases, a second document.
 */
#ifndef STRATA_PIPELINE_CONFIG_OUTLINE_H
#define STRATA_PIPELINE_CONFIG_OUTLINE_H

#include <stddef.h>
#include <strata/status.h>

enum strata_outline_kind {
    STRATA_OUTLINE_EMPTY, /* nothing, ~ or null: as if the key were not there */
    STRATA_OUTLINE_SCALAR,
    STRATA_OUTLINE_LIST,
    STRATA_OUTLINE_MAPPING,
};

struct strata_outline_entry {
    char *path;  /* "scores.method", "transactions[0]", "segments.rules[2].fm" */
    size_t line; /* from 1 */
    enum strata_outline_kind kind;
};

struct strata_outline {
    size_t n, capacity;
    struct strata_outline_entry *entry; /* in the order of the file */
};

/* Read the outline of `n_bytes` of YAML; `file` is its name in messages. STRATA_USAGE, STRATA_MEMORY. */
enum strata_status strata_outline_read(struct strata_outline *outline, const char *file, const char *text,
                                       size_t n_bytes, struct strata_error *err) STRATA_MUST_USE;
void strata_outline_release(struct strata_outline *outline);

/* NULL if there is no such path. */
const struct strata_outline_entry *strata_outline_find(const struct strata_outline *outline, const char *path);

/* The keys of a segment rule. */
enum { STRATA_N_RULE_KEYS = 7 };
extern const char *const strata_rule_key[STRATA_N_RULE_KEYS];

#endif
