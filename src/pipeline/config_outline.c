#include "config_outline.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "check.h"
#include "map.h"
#include "memory.h"
#include "options.h"

const char *const strata_rule_key[STRATA_N_RULE_KEYS] = {"name", "name_zh", "action", "r", "f", "m", "fm"};

enum { MOST_KEYS = 128, LONGEST_PATH = 256, LONGEST_ITEM = LONGEST_PATH + 32 };

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current event; owned */
    const char *file;
    struct strata_outline *outline;
    struct strata_error *err;
};

static size_t line_of(const struct reader *reader) { return reader->event.start_mark.line + 1; }

static enum strata_status fail_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return strata_fail(reader->err, STRATA_MEMORY, "out of memory for %s", reader->file);
    const char *problem = parser->problem ? parser->problem : "a syntax error";
    if (parser->error == YAML_READER_ERROR)
        return strata_fail(reader->err, STRATA_USAGE,
                           "%s: byte %zu: not YAML: %s\nwrite the file as UTF-8 text without control characters",
                           reader->file, parser->problem_offset + 1, problem);
    return strata_fail(reader->err, STRATA_USAGE,
                       "%s:%zu: column %zu: not YAML: %s%s%s\ncorrect this line or the one before it", reader->file,
                       parser->problem_mark.line + 1, parser->problem_mark.column + 1, problem,
                       parser->context ? " " : "", parser->context ? parser->context : "");
}

static enum strata_status next(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    reader->event = (yaml_event_t){0};
    if (!yaml_parser_parse(&reader->parser, &reader->event))
        return fail_syntax(reader);
    if (reader->event.type == YAML_ALIAS_EVENT)
        return strata_fail(reader->err, STRATA_USAGE,
                           "%s:%zu: aliases (*name) are not understood\nwrite the value again", reader->file,
                           line_of(reader));
    return STRATA_OK;
}

static enum strata_outline_kind kind_of(const yaml_event_t *event)
{
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return STRATA_OUTLINE_LIST;
    if (event->type == YAML_MAPPING_START_EVENT)
        return STRATA_OUTLINE_MAPPING;
    const char *text = (const char *)event->data.scalar.value;
    bool is_empty = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                    (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
    return is_empty ? STRATA_OUTLINE_EMPTY : STRATA_OUTLINE_SCALAR;
}

static enum strata_status add_entry(struct reader *reader, const char *path, size_t line, enum strata_outline_kind kind)
{
    struct strata_outline *outline = reader->outline;
    enum strata_status status = STRATA_OK;
    STRATA_TRY(strata_grow_array((void **)&outline->entry, &outline->capacity, outline->n + 1, sizeof *outline->entry,
                                 reader->err));
    char *copy = strata_copy_string(path);
    if (!copy)
        STRATA_GIVE_UP(reader->err, STRATA_MEMORY, "out of memory for %s", reader->file);
    outline->entry[outline->n++] = (struct strata_outline_entry){.path = copy, .line = line, .kind = kind};
done:
    return status;
}

static enum strata_status add_key(struct reader *reader, const char *path, size_t line, enum strata_outline_kind kind)
{
    const struct strata_outline_entry *twin = strata_outline_find(reader->outline, path);
    if (twin)
        return strata_fail(reader->err, STRATA_USAGE, "%s:%zu: %s: this key is also on line %zu\nremove one of them",
                           reader->file, line, path, twin->line);
    return add_entry(reader, path, line, kind);
}

/* ---- what may be where ---- */

enum place { UNKNOWN, GROUP, VALUE, VALUES, RULES };

static bool is_group(const char *path)
{
    size_t n = strlen(path);
    for (size_t i = 0; i < strata_option_count(); i++) {
        const char *name = strata_option_at(i)->name;
        if (strncmp(name, path, n) == 0 && name[n] == '.')
            return true;
    }
    return false;
}

static enum place place_of(const char *path)
{
    const struct strata_option *option = strncmp(path, "--", 2) == 0 ? NULL : strata_option_find(path);
    if (!option)
        return is_group(path) ? GROUP : UNKNOWN;
    if (option->type == STRATA_OPTION_RULES)
        return RULES;
    return strata_option_is_list(option) ? VALUES : VALUE;
}

/* The known key that was probably meant: the nearest path, or the path that ends in this key. */
static const char *likely_key(const char *path, char store[LONGEST_PATH])
{
    const char *candidate[MOST_KEYS];
    size_t n = 0;
    for (size_t i = 0; i < strata_option_count() && n < MOST_KEYS; i++)
        candidate[n++] = strata_option_at(i)->name;
    const char *near = strata_nearest_name(path, candidate, n);
    if (near)
        return near;
    const char *last = strrchr(path, '.') ? strrchr(path, '.') + 1 : path;
    for (size_t i = 0; i < n; i++) {
        const char *dot = strchr(candidate[i], '.');
        if (!dot)
            continue;
        if (strcmp(dot + 1, last) == 0)
            return candidate[i];
        snprintf(store, LONGEST_PATH, "%.*s", (int)(dot - candidate[i]), candidate[i]);
        const char *group = store;
        if (strata_nearest_name(path, &group, 1))
            return store;
    }
    return NULL;
}

static enum strata_status fail_unknown(const struct reader *reader, const char *path, size_t line)
{
    char store[LONGEST_PATH];
    const char *likely = likely_key(path, store);
    if (likely)
        return strata_fail(reader->err, STRATA_USAGE, "%s:%zu: %s: there is no such key\ndid you mean %s?",
                           reader->file, line, path, likely);
    return strata_fail(reader->err, STRATA_USAGE,
                       "%s:%zu: %s: there is no such key\nremove it; the keys are in strata run --help", reader->file,
                       line, path);
}

static enum strata_status fail_unknown_in_rule(const struct reader *reader, const char *path, const char *key,
                                               size_t line)
{
    const char *likely = strata_nearest_name(key, strata_rule_key, STRATA_N_RULE_KEYS);
    return strata_fail(
        reader->err, STRATA_USAGE,
        "%s:%zu: %s: there is no such key in a rule\n%s%s%sa rule has name, name_zh, action, r, f, m, fm", reader->file,
        line, path, likely ? "did you mean " : "", likely ? likely : "", likely ? "? " : "");
}

static enum strata_status fail_kind(const struct reader *reader, const char *path, size_t line, const char *needed,
                                    const char *how)
{
    static const char *const name[] = {"nothing", "a single value", "a list", "a mapping"};
    return strata_fail(reader->err, STRATA_USAGE, "%s:%zu: %s: needs %s, not %s\nwrite %s", reader->file, line, path,
                       needed, name[kind_of(&reader->event)], how);
}

/* ---- reading: on entry the current event begins the value, on exit it ends it ---- */

static enum strata_status read_key(struct reader *reader, const char *prefix, char path[LONGEST_PATH], size_t *line)
{
    *line = line_of(reader);
    if (reader->event.type != YAML_SCALAR_EVENT)
        return strata_fail(reader->err, STRATA_USAGE,
                           "%s:%zu: a key must be a word, not a list or a mapping\nwrite key: value", reader->file,
                           *line);
    const char *key = (const char *)reader->event.data.scalar.value;
    size_t n_prefix = strlen(prefix), n_key = strlen(key);
    if (n_prefix + n_key >= LONGEST_PATH || n_key != reader->event.data.scalar.length)
        return strata_fail(reader->err, STRATA_USAGE, "%s:%zu: %s%.40s: there is no such key\nremove it", reader->file,
                           *line, prefix, key);
    memcpy(path, prefix, n_prefix);
    memcpy(path + n_prefix, key, n_key + 1);
    return STRATA_OK;
}

/* A NUL byte can be written as an escape; no option may hold one. */
static enum strata_status check_scalar(const struct reader *reader, const char *path)
{
    const yaml_event_t *event = &reader->event;
    if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
        return strata_fail(reader->err, STRATA_USAGE, "%s:%zu: %s: the value holds a NUL character\nremove it",
                           reader->file, line_of(reader), path);
    return STRATA_OK;
}

static enum strata_status read_values(struct reader *reader, const char *path)
{
    enum strata_status status = STRATA_OK;
    char item[LONGEST_ITEM];
    for (size_t i = 0;; i++) {
        STRATA_TRY(next(reader));
        if (reader->event.type == YAML_SEQUENCE_END_EVENT)
            return STRATA_OK;
        snprintf(item, sizeof item, "%s[%zu]", path, i);
        if (reader->event.type != YAML_SCALAR_EVENT)
            return fail_kind(reader, item, line_of(reader), "a single value", "the values in one list: [a, b]");
        STRATA_TRY(check_scalar(reader, item));
        STRATA_TRY(add_entry(reader, item, line_of(reader), STRATA_OUTLINE_SCALAR));
    }
done:
    return status;
}

static enum strata_status read_rule(struct reader *reader, const char *rule)
{
    enum strata_status status = STRATA_OK;
    char prefix[LONGEST_ITEM + 1], path[LONGEST_PATH];
    snprintf(prefix, sizeof prefix, "%s.", rule);
    for (;;) {
        size_t line;
        bool is_known = false;
        STRATA_TRY(next(reader));
        if (reader->event.type == YAML_MAPPING_END_EVENT)
            return STRATA_OK;
        STRATA_TRY(read_key(reader, prefix, path, &line));
        const char *key = path + strlen(prefix);
        for (size_t i = 0; i < STRATA_N_RULE_KEYS; i++)
            is_known = is_known || strcmp(key, strata_rule_key[i]) == 0;
        if (!is_known)
            return fail_unknown_in_rule(reader, path, key, line);
        STRATA_TRY(next(reader));
        if (reader->event.type != YAML_SCALAR_EVENT)
            return fail_kind(reader, path, line, "a single value", "a text, or scores such as 4-5 or 3");
        STRATA_TRY(check_scalar(reader, path));
        STRATA_TRY(add_key(reader, path, line, kind_of(&reader->event)));
    }
done:
    return status;
}

static enum strata_status read_rules(struct reader *reader, const char *path)
{
    enum strata_status status = STRATA_OK;
    char item[LONGEST_ITEM];
    for (size_t i = 0;; i++) {
        STRATA_TRY(next(reader));
        if (reader->event.type == YAML_SEQUENCE_END_EVENT)
            return STRATA_OK;
        snprintf(item, sizeof item, "%s[%zu]", path, i);
        if (reader->event.type != YAML_MAPPING_START_EVENT)
            return fail_kind(reader, item, line_of(reader), "a mapping",
                             "a rule such as {name: Champions, r: 4-5, fm: 4-5}");
        if (i == STRATA_MAX_SEGMENT_RULES)
            return strata_fail(reader->err, STRATA_USAGE, "%s:%zu: %s: more than %d rules\nwrite fewer rules",
                               reader->file, line_of(reader), path, STRATA_MAX_SEGMENT_RULES);
        STRATA_TRY(add_entry(reader, item, line_of(reader), STRATA_OUTLINE_MAPPING));
        STRATA_TRY(read_rule(reader, item));
    }
done:
    return status;
}

static enum strata_status read_mapping(struct reader *reader, const char *prefix);

static enum strata_status read_place(struct reader *reader, const char *path, size_t line, enum place place)
{
    enum strata_status status = STRATA_OK;
    char prefix[LONGEST_PATH + 1];
    enum strata_outline_kind kind = kind_of(&reader->event);
    STRATA_TRY(add_key(reader, path, line, kind));
    if (kind == STRATA_OUTLINE_EMPTY)
        goto done;
    if (kind == STRATA_OUTLINE_SCALAR)
        STRATA_TRY(check_scalar(reader, path));
    switch (place) {
    case GROUP:
        if (kind != STRATA_OUTLINE_MAPPING)
            return fail_kind(reader, path, line, "a mapping", "its keys and values: {key: value}");
        snprintf(prefix, sizeof prefix, "%s.", path);
        return read_mapping(reader, prefix);
    case RULES:
        if (kind != STRATA_OUTLINE_LIST)
            return fail_kind(reader, path, line, "a list", "a list of rules: - {name: Champions, r: 4-5, fm: 4-5}");
        return read_rules(reader, path);
    case VALUES:
        if (kind == STRATA_OUTLINE_LIST)
            return read_values(reader, path);
        if (kind == STRATA_OUTLINE_MAPPING)
            return fail_kind(reader, path, line, "a list or a single value", "[a, b]");
        break;
    case VALUE:
        if (kind != STRATA_OUTLINE_SCALAR)
            return fail_kind(reader, path, line, "a single value", "key: value");
        break;
    case UNKNOWN: break;
    }
done:
    return status;
}

static enum strata_status read_mapping(struct reader *reader, const char *prefix)
{
    enum strata_status status = STRATA_OK;
    char path[LONGEST_PATH];
    for (;;) {
        size_t line;
        STRATA_TRY(next(reader));
        if (reader->event.type == YAML_MAPPING_END_EVENT)
            return STRATA_OK;
        STRATA_TRY(read_key(reader, prefix, path, &line));
        enum place place = strchr(path + strlen(prefix), '.') ? UNKNOWN : place_of(path);
        if (place == UNKNOWN)
            return fail_unknown(reader, path, line);
        STRATA_TRY(next(reader));
        STRATA_TRY(read_place(reader, path, line, place));
    }
done:
    return status;
}

static enum strata_status read_documents(struct reader *reader)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(next(reader)); /* the stream begins */
    STRATA_TRY(next(reader));
    if (reader->event.type == YAML_STREAM_END_EVENT)
        goto done;
    STRATA_TRY(next(reader)); /* the root of the first document */
    if (kind_of(&reader->event) == STRATA_OUTLINE_MAPPING)
        STRATA_TRY(read_mapping(reader, ""));
    else if (kind_of(&reader->event) != STRATA_OUTLINE_EMPTY)
        STRATA_TRY(
            fail_kind(reader, "the configuration", line_of(reader), "a mapping", "lines of the form key: value"));
    STRATA_TRY(next(reader)); /* the document ends */
    STRATA_TRY(next(reader));
    if (reader->event.type != YAML_STREAM_END_EVENT)
        STRATA_GIVE_UP(reader->err, STRATA_USAGE,
                       "%s:%zu: a second document begins here\nwrite one document: one configuration per file",
                       reader->file, line_of(reader));
done:
    return status;
}

enum strata_status strata_outline_read(struct strata_outline *outline, const char *file, const char *text,
                                       size_t n_bytes, struct strata_error *err)
{
    struct reader reader = {.file = file, .outline = outline, .err = err};
    if (!yaml_parser_initialize(&reader.parser))
        return strata_fail(err, STRATA_MEMORY, "out of memory for %s", file);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, n_bytes);
    enum strata_status status = read_documents(&reader);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return status;
}

void strata_outline_release(struct strata_outline *outline)
{
    for (size_t i = 0; i < outline->n; i++)
        free(outline->entry[i].path);
    free(outline->entry);
    *outline = (struct strata_outline){0};
}

const struct strata_outline_entry *strata_outline_find(const struct strata_outline *outline, const char *path)
{
    for (size_t i = 0; i < outline->n; i++)
        if (strcmp(outline->entry[i].path, path) == 0)
            return &outline->entry[i];
    return NULL;
}
