#include <cyaml/cyaml.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "config_outline.h"
#include "map.h"
#include "memory.h"
#include "options.h"

enum { MOST_BYTES = 1 << 20, MOST_OPTIONS = 128, MOST_GROUPS = 32, LONGEST_GROUP = 32 };

/* ---- what libcyaml loads: every scalar as text, for the one conversion that flags use as well ---- */

struct rule_text {
    char *value[STRATA_N_RULE_KEYS];
};

struct slot {
    char *text;
    void *items; /* char *[n_items], or struct rule_text[n_items] */
    uint32_t n_items;
};

struct document {
    struct slot slot[MOST_OPTIONS]; /* by row of the option table */
};

/* The schema of one file: a key may hold a list or a single value, and what the file has is what the schema says. */
struct schema {
    cyaml_schema_field_t top[MOST_OPTIONS + 1];
    cyaml_schema_field_t group[MOST_GROUPS][MOST_OPTIONS + 1];
    char group_name[MOST_GROUPS][LONGEST_GROUP];
    size_t group_size[MOST_GROUPS];
    size_t n_top, n_groups;
    cyaml_schema_field_t rule_fields[STRATA_N_RULE_KEYS + 1];
    cyaml_schema_value_t text, rule, root;
};

static cyaml_schema_value_t text_schema(void)
{
    return (cyaml_schema_value_t){.type = CYAML_STRING,
                                  .flags = (enum cyaml_flag)(CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL),
                                  .data_size = sizeof(char *),
                                  .string = {.min = 0, .max = CYAML_UNLIMITED}};
}

static cyaml_schema_value_t ignored_schema(void)
{
    return (cyaml_schema_value_t){.type = CYAML_IGNORE, .flags = CYAML_FLAG_OPTIONAL};
}

static cyaml_schema_value_t sequence_schema(const cyaml_schema_value_t *entry)
{
    return (cyaml_schema_value_t){.type = CYAML_SEQUENCE,
                                  .flags = (enum cyaml_flag)(CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL),
                                  .data_size = entry->data_size,
                                  .sequence = {.entry = entry, .min = 0, .max = CYAML_UNLIMITED}};
}

static cyaml_schema_field_t option_field(const struct schema *schema, const struct strata_outline *outline, size_t row)
{
    const struct strata_option *option = strata_option_at(row);
    const struct strata_outline_entry *entry = strata_outline_find(outline, option->name);
    const char *dot = strchr(option->name, '.');
    size_t offset = row * sizeof(struct slot);
    cyaml_schema_field_t field = {.key = dot ? dot + 1 : option->name};
    if (entry && entry->kind == STRATA_OUTLINE_EMPTY) {
        field.value = ignored_schema();
    } else if (entry && entry->kind == STRATA_OUTLINE_LIST) {
        field.value = sequence_schema(option->type == STRATA_OPTION_RULES ? &schema->rule : &schema->text);
        field.data_offset = (uint32_t)(offset + offsetof(struct slot, items));
        field.count_offset = (uint32_t)(offset + offsetof(struct slot, n_items));
        field.count_size = sizeof(uint32_t);
    } else {
        field.value = text_schema();
        field.data_offset = (uint32_t)(offset + offsetof(struct slot, text));
    }
    return field;
}

/* The number of the group that an option's name begins with; a new one gets its field at the top. */
static size_t group_of(struct schema *schema, const struct strata_outline *outline, const char *name, size_t n_bytes)
{
    for (size_t i = 0; i < schema->n_groups; i++)
        if (strlen(schema->group_name[i]) == n_bytes && strncmp(schema->group_name[i], name, n_bytes) == 0)
            return i;
    size_t g = schema->n_groups++;
    snprintf(schema->group_name[g], LONGEST_GROUP, "%.*s", (int)n_bytes, name);
    const struct strata_outline_entry *entry = strata_outline_find(outline, schema->group_name[g]);
    cyaml_schema_field_t *field = &schema->top[schema->n_top++];
    field->key = schema->group_name[g];
    if (entry && entry->kind == STRATA_OUTLINE_EMPTY)
        field->value = ignored_schema();
    else /* a group shares the slots of the document: its fields have the offsets that they have at the top */
        field->value = (cyaml_schema_value_t){.type = CYAML_MAPPING,
                                              .flags = CYAML_FLAG_OPTIONAL,
                                              .data_size = sizeof(struct document),
                                              .mapping = {.fields = schema->group[g]}};
    return g;
}

static void schema_make(struct schema *schema, const struct strata_outline *outline)
{
    schema->text = text_schema();
    for (size_t i = 0; i < STRATA_N_RULE_KEYS; i++)
        schema->rule_fields[i] = (cyaml_schema_field_t){.key = strata_rule_key[i],
                                                        .data_offset = (uint32_t)(i * sizeof(char *)),
                                                        .value = text_schema()};
    schema->rule = (cyaml_schema_value_t){.type = CYAML_MAPPING,
                                          .flags = CYAML_FLAG_DEFAULT,
                                          .data_size = sizeof(struct rule_text),
                                          .mapping = {.fields = schema->rule_fields}};
    for (size_t row = 0; row < strata_option_count(); row++) {
        const char *name = strata_option_at(row)->name;
        const char *dot = strchr(name, '.');
        cyaml_schema_field_t field = option_field(schema, outline, row);
        if (!dot) {
            schema->top[schema->n_top++] = field;
            continue;
        }
        size_t g = group_of(schema, outline, name, (size_t)(dot - name));
        schema->group[g][schema->group_size[g]++] = field;
    }
    schema->root = (cyaml_schema_value_t){.type = CYAML_MAPPING,
                                          .flags = CYAML_FLAG_POINTER,
                                          .data_size = sizeof(struct document),
                                          .mapping = {.fields = schema->top}};
}

/* ---- one file ---- */

struct loading {
    const char *path;
    struct strata_outline outline;
    struct schema *schema;
    struct document *document;
    struct strata_config *config;
    struct strata_error *err;
};

static enum strata_status read_whole(const char *path, char **text, size_t *n_bytes, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    *text = NULL;
    *n_bytes = 0;
    if (file < 0)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot open the configuration %s: %s\nis the path right?", path,
                       strerror(errno));
    if (!(*text = malloc(MOST_BYTES + 1)))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %s", path);
    for (;;) {
        ssize_t n = read(file, *text + *n_bytes, MOST_BYTES + 1 - *n_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            STRATA_GIVE_UP(err, STRATA_IO, "cannot read the configuration %s: %s\nis it a file?", path,
                           strerror(errno));
        if (n == 0)
            break;
        *n_bytes += (size_t)n;
        if (*n_bytes > MOST_BYTES)
            break;
    }
done:
    if (file >= 0)
        close(file);
    return status;
}

/* Put file, line and key before the message. */
static enum strata_status blame(struct loading *loading, enum strata_status status, const char *key)
{
    char where[1024];
    const struct strata_outline_entry *entry = strata_outline_find(&loading->outline, key);
    snprintf(where, sizeof where, "%s:%zu: %s", loading->path, entry ? entry->line : 0, key);
    return strata_option_blame(loading->err, status, where);
}

static enum strata_status take_list(struct loading *loading, const struct strata_option *option,
                                    const struct slot *slot)
{
    strata_option_clear(option, loading->config);
    for (uint32_t i = 0; i < slot->n_items; i++) {
        const char *value = ((char **)slot->items)[i];
        enum strata_status status = strata_option_assign(option, loading->config, value, true, loading->err);
        if (status != STRATA_OK) {
            char key[128];
            snprintf(key, sizeof key, "%s[%u]", option->name, i);
            return blame(loading, status, key);
        }
    }
    return STRATA_OK;
}

/* Is key `key` of rule `index` there with a value? Its path goes to `path`. */
static bool has_rule_value(const struct loading *loading, size_t index, size_t key, char path[128])
{
    snprintf(path, 128, "segments.rules[%zu].%s", index, strata_rule_key[key]);
    const struct strata_outline_entry *entry = strata_outline_find(&loading->outline, path);
    return entry && entry->kind != STRATA_OUTLINE_EMPTY;
}

static enum strata_status take_range(struct loading *loading, size_t index, size_t key, const char *text,
                                     struct strata_score_range *range)
{
    char path[128];
    struct strata_level_range parsed;
    *range = (struct strata_score_range){.low = 0, .high = STRATA_SCORE_RANGE_END};
    if (!text || !has_rule_value(loading, index, key, path))
        return STRATA_OK;
    enum strata_status status = strata_segment_range_parse(text, &parsed, loading->err);
    if (status != STRATA_OK)
        return blame(loading, status, path);
    *range = (struct strata_score_range){.low = parsed.from, .high = parsed.to};
    return STRATA_OK;
}

/* A text of a rule; one that is empty or null is not set. */
static enum strata_status take_rule_text(struct loading *loading, size_t index, size_t key, const char *text,
                                         char **field)
{
    char path[128];
    if (!text || !*text || !has_rule_value(loading, index, key, path))
        return STRATA_OK;
    *field = strata_copy_string(text);
    return *field ? STRATA_OK : strata_fail(loading->err, STRATA_MEMORY, "out of memory for %s", loading->path);
}

static enum strata_status take_rules(struct loading *loading, const struct slot *slot)
{
    enum strata_status status = STRATA_OK;
    struct strata_config *config = loading->config;
    strata_config_rules_release(config);
    config->segments.rules = calloc(slot->n_items ? slot->n_items : 1, sizeof *config->segments.rules);
    if (!config->segments.rules)
        return strata_fail_memory(loading->err, "segment rules", slot->n_items, sizeof *config->segments.rules);
    for (size_t i = 0; i < slot->n_items; i++) {
        char *const *value = ((const struct rule_text *)slot->items)[i].value;
        struct strata_segment_rule *rule = &config->segments.rules[i];
        config->segments.n_rules = i + 1;
        char **text[] = {&rule->name, &rule->name_zh, &rule->action};
        struct strata_score_range *range[] = {&rule->r, &rule->f, &rule->m, &rule->fm};
        for (size_t k = 0; k < 3; k++)
            STRATA_TRY(take_rule_text(loading, i, k, value[k], text[k]));
        for (size_t k = 0; k < 4; k++)
            STRATA_TRY(take_range(loading, i, 3 + k, value[3 + k], range[k]));
        if (!rule->name) {
            char path[128];
            snprintf(path, sizeof path, "segments.rules[%zu]", i);
            status =
                strata_fail(loading->err, STRATA_USAGE, "the rule has no name\nwrite name: and the segment's name");
            return blame(loading, status, path);
        }
    }
done:
    return status;
}

/* Rules mean the map "own"; a file that names another one contradicts itself. */
static enum strata_status settle_map(struct loading *loading)
{
    struct strata_config *config = loading->config;
    const struct strata_outline_entry *rules = strata_outline_find(&loading->outline, "segments.rules");
    const struct strata_outline_entry *map = strata_outline_find(&loading->outline, "segments.map");
    if (!rules || rules->kind == STRATA_OUTLINE_EMPTY)
        return STRATA_OK;
    if (!map || map->kind == STRATA_OUTLINE_EMPTY)
        config->segments.map = STRATA_CONFIG_MAP_OWN;
    if (config->segments.map == STRATA_CONFIG_MAP_OWN)
        return STRATA_OK;
    strata_fail(loading->err, STRATA_USAGE,
                "segments.map on line %zu is not own, so these rules would not be used\nwrite map: own, or remove one "
                "of the two",
                map->line);
    return blame(loading, STRATA_USAGE, "segments.rules");
}

static enum strata_status take_values(struct loading *loading)
{
    enum strata_status status = STRATA_OK;
    for (size_t row = 0; row < strata_option_count(); row++) {
        const struct strata_option *option = strata_option_at(row);
        const struct slot *slot = &loading->document->slot[row];
        const struct strata_outline_entry *entry = strata_outline_find(&loading->outline, option->name);
        if (!entry || entry->kind == STRATA_OUTLINE_EMPTY)
            continue;
        if (entry->kind == STRATA_OUTLINE_LIST) {
            STRATA_TRY(option->type == STRATA_OPTION_RULES ? take_rules(loading, slot)
                                                           : take_list(loading, option, slot));
        } else if (slot->text) {
            status = strata_option_assign(option, loading->config, slot->text, false, loading->err);
            if (status != STRATA_OK)
                return blame(loading, status, option->name);
        }
    }
    STRATA_TRY(settle_map(loading));
done:
    return status;
}

enum strata_status strata_config_load_text(struct strata_config *config, const char *yaml_path, const char *text,
                                           size_t n_bytes, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct loading loading = {.path = yaml_path, .config = config, .err = err};
    const cyaml_config_t yaml = {.mem_fn = cyaml_mem, .flags = CYAML_CFG_NO_ALIAS};
    if (n_bytes > MOST_BYTES)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "%s: larger than %d bytes\nis it a configuration? transactions go into --transactions",
                       yaml_path, MOST_BYTES);
    STRATA_TRY(strata_outline_read(&loading.outline, yaml_path, text, n_bytes, err));
    if (loading.outline.n == 0)
        goto done;
    if (!(loading.schema = calloc(1, sizeof *loading.schema)))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %s", yaml_path);
    schema_make(loading.schema, &loading.outline);
    cyaml_err_t result = cyaml_load_data((const uint8_t *)text, n_bytes, &yaml, &loading.schema->root,
                                         (cyaml_data_t **)&loading.document, NULL);
    if (result != CYAML_OK)
        STRATA_GIVE_UP(err, result == CYAML_ERR_OOM ? STRATA_MEMORY : STRATA_USAGE,
                       "%s: %s\nwrite the keys and values as strata run --help shows", yaml_path,
                       cyaml_strerror(result));
    if (loading.document)
        STRATA_TRY(take_values(&loading));
done:
    if (loading.document)
        cyaml_free(&yaml, &loading.schema->root, loading.document, 0);
    free(loading.schema);
    strata_outline_release(&loading.outline);
    return status;
}

enum strata_status strata_config_load(struct strata_config *config, const char *yaml_path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *text = NULL;
    size_t n_bytes = 0;
    STRATA_TRY(read_whole(yaml_path, &text, &n_bytes, err));
    STRATA_TRY(strata_config_load_text(config, yaml_path, text, n_bytes, err));
done:
    free(text);
    return status;
}
