#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

/* The characters that YAML takes only as an escape, or that would not come back as they are. */
static bool needs_escape(unsigned code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029 || code == 0xFEFF ||
           code == 0xFFFE || code == 0xFFFF;
}

/* The code point at `text`, which is valid UTF-8, and its length. */
static unsigned decode(const unsigned char *text, int *n_bytes)
{
    unsigned lead = text[0];
    *n_bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned code = *n_bytes == 1 ? lead : lead & (0xFFu >> (*n_bytes + 1));
    for (int i = 1; i < *n_bytes; i++)
        code = code << 6 | (text[i] & 0x3Fu);
    return code;
}

static void put_quoted(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (int n = 0; *text; text += n) {
        unsigned code = decode((const unsigned char *)text, &n);
        if (needs_escape(code))
            fprintf(stream, "\\u%04X", code);
        else
            fprintf(stream, "%s%.*s", code == '"' || code == '\\' ? "\\" : "", n, text);
    }
    fputc('"', stream);
}

static void put_range(FILE *stream, const char *key, struct strata_score_range range)
{
    if (range.low == 0 && range.high == STRATA_SCORE_RANGE_END)
        return;
    if (range.low == range.high)
        fprintf(stream, ", %s: %d", key, range.low);
    else
        fprintf(stream, ", %s: %d-%d", key, range.low, range.high);
}

static void put_rules(FILE *stream, const struct strata_config *config)
{
    fputc('\n', stream);
    for (size_t i = 0; i < config->segments.n_rules; i++) {
        const struct strata_segment_rule *rule = &config->segments.rules[i];
        fputs("    - {name: ", stream);
        put_quoted(stream, rule->name);
        if (rule->name_zh) {
            fputs(", name_zh: ", stream);
            put_quoted(stream, rule->name_zh);
        }
        if (rule->action) {
            fputs(", action: ", stream);
            put_quoted(stream, rule->action);
        }
        put_range(stream, "r", rule->r);
        put_range(stream, "f", rule->f);
        put_range(stream, "m", rule->m);
        put_range(stream, "fm", rule->fm);
        fputs("}\n", stream);
    }
}

/* Names of columns are words, and stand as they are; whatever else was given as one is quoted. */
static bool is_word(const char *text)
{
    const char *const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    return *text && strspn(text, letters) == strlen(text) && strcmp(text, "null") != 0;
}

/* false if there is no memory. */
static bool put_values(FILE *stream, const struct strata_option *option, const struct strata_config *config)
{
    bool is_list = strata_option_is_list(option);
    bool is_quoted = option->type == STRATA_OPTION_TEXT || option->type == STRATA_OPTION_PATHS;
    fputs(is_list ? " [" : " ", stream);
    for (size_t i = 0; i < strata_option_n_values(option, config); i++) {
        char *value = strata_option_value_text(option, config, i);
        if (!value)
            return false;
        fputs(i ? ", " : "", stream);
        if (is_quoted || (option->type == STRATA_OPTION_NAMES && !is_word(value)))
            put_quoted(stream, value);
        else
            fputs(value, stream);
        free(value);
    }
    fputs(is_list ? "]\n" : "\n", stream);
    return true;
}

/* false if there is no memory. */
static bool put_option(FILE *stream, const struct strata_option *option, const struct strata_config *config,
                       const char **group)
{
    const char *dot = strchr(option->name, '.');
    size_t n_group = dot ? (size_t)(dot - option->name) + 1 : 0;
    bool same_group = *group && strncmp(*group, option->name, n_group) == 0;
    if (dot && !same_group)
        fprintf(stream, "%.*s:\n", (int)n_group - 1, option->name);
    *group = dot ? option->name : NULL;
    fprintf(stream, "%s%s:", dot ? "  " : "", dot ? dot + 1 : option->name);
    if (option->type == STRATA_OPTION_RULES) {
        put_rules(stream, config);
        return true;
    }
    return put_values(stream, option, config);
}

/* What auto stands for. Cut points can make fewer or more levels than there may be: the check of the options tells
 * that, so the file keeps auto and can be read. */
static int64_t written_levels(const struct strata_config *config)
{
    const struct strata_option *option = strata_option_find("scores.levels");
    int levels = strata_config_score_levels(config);
    return levels >= option->low && levels <= option->high ? levels : config->scores.levels;
}

enum strata_status strata_config_to_yaml(const struct strata_config *config, char **text, struct strata_error *err)
{
    struct strata_config effective = *config; /* borrows everything; never released */
    char *yaml = NULL;
    size_t n_bytes = 0;
    const char *group = NULL;
    effective.scores.method = strata_config_score_method(config);
    effective.scores.levels = written_levels(config);
    if (config->segments.map != STRATA_CONFIG_MAP_OWN)
        effective.segments.n_rules = 0;
    FILE *stream = open_memstream(&yaml, &n_bytes);
    bool has_memory = stream != NULL;
    for (size_t i = 0; has_memory && i < strata_option_count(); i++) {
        const struct strata_option *option = strata_option_at(i);
        if (strata_option_n_values(option, &effective) > 0)
            has_memory = put_option(stream, option, &effective, &group);
    }
    has_memory = has_memory && !ferror(stream);
    if (stream && fclose(stream) != 0)
        has_memory = false;
    if (!has_memory) {
        free(yaml);
        return strata_fail(err, STRATA_MEMORY, "out of memory for the text of the configuration");
    }
    *text = yaml;
    return STRATA_OK;
}
