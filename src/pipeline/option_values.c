#include "options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "check.h"
#include "memory.h"
#include "redact.h"
#include "utf8.h"

static void *field_of(const struct strata_option *option, const struct strata_config *config)
{
    return (char *)(uintptr_t)config + option->offset;
}

bool strata_option_is_list(const struct strata_option *option)
{
    return option->type == STRATA_OPTION_PATHS || option->type == STRATA_OPTION_NAMES ||
           option->type == STRATA_OPTION_NUMBERS;
}

/* ---- from text ---- */

static enum strata_status check_utf8(const char *value, struct strata_error *err)
{
    size_t n_bytes = strlen(value), at = 0;
    while (at < n_bytes) {
        size_t n = strata_utf8_character(value + at, n_bytes - at);
        if (n == 0)
            return strata_fail(err, STRATA_USAGE,
                               "byte %zu of the value is not valid UTF-8\nthe configuration is recorded as UTF-8 text: "
                               "write the value in UTF-8",
                               at + 1);
        at += n;
    }
    return STRATA_OK;
}

/* An empty column name is a value of its own: no such column, even where one would be recognised. */
static bool keeps_empty(const struct strata_option *option) { return strncmp(option->name, "columns.", 8) == 0; }

static enum strata_status parse_text(const struct strata_option *option, char **field, const char *value,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *copy = NULL;
    if (!*value && option->default_text)
        STRATA_GIVE_UP(err, STRATA_USAGE, "the value is empty\nleave the option out for its default, %s",
                       option->default_text);
    STRATA_TRY(check_utf8(value, err));
    if ((*value || keeps_empty(option)) && !(copy = strata_copy_string(value)))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a value");
    free(*field);
    *field = copy;
done:
    return status;
}

/* "a|b|c" to separate words in `store`, which has the size of `words`. Returns how many. */
static size_t split_words(const char *words, char *store, const char *word[], size_t capacity)
{
    size_t n = 0;
    strcpy(store, words);
    for (char *at = store; at && n < capacity; n++) {
        word[n] = at;
        at = strchr(at, '|');
        if (at)
            *at++ = '\0';
    }
    return n;
}

enum { MOST_WORDS = 16, LONGEST_WORDS = 128 };

static enum strata_status parse_choice(const char *words, unsigned *field, const char *value, struct strata_error *err)
{
    char store[LONGEST_WORDS];
    const char *word[MOST_WORDS];
    size_t n = split_words(words, store, word, MOST_WORDS);
    for (size_t i = 0; i < n; i++)
        if (strcmp(value, word[i]) == 0) {
            *field = (unsigned)i;
            return STRATA_OK;
        }
    char all[2 * LONGEST_WORDS] = "";
    for (size_t i = 0; i < n; i++) {
        strcat(all, i == 0 ? "" : i + 1 == n ? " or " : ", ");
        strcat(all, word[i]);
    }
    const char *near = strata_nearest_name(value, word, n);
    if (near)
        return strata_fail(err, STRATA_USAGE, "'%s' is not one of %s\ndid you mean %s?", value, all, near);
    return strata_fail(err, STRATA_USAGE, "'%s' is not a value of this option\nwrite %s", value, all);
}

static enum strata_status parse_flag(bool *field, const char *value, struct strata_error *err)
{
    unsigned choice = 0;
    enum strata_status status = STRATA_OK;
    STRATA_TRY(parse_choice("false|true|no|yes|off|on", &choice, value, err));
    *field = choice % 2 == 1;
done:
    return status;
}

static enum strata_status fail_bounds(const struct strata_option *option, const char *value, struct strata_error *err)
{
    return strata_fail(err, STRATA_USAGE, "%s is out of bounds\nwrite a number from %.16g to %.16g%s%s%s%s", value,
                       option->low, option->high, option->unit ? " " : "", option->unit ? option->unit : "",
                       option->auto_word ? ", or " : "", option->auto_word ? option->auto_word : "");
}

static enum strata_status fail_number(const struct strata_option *option, const char *what, const char *value,
                                      struct strata_error *err)
{
    return strata_fail(err, STRATA_USAGE, "'%s' is not %s\nwrite a number from %.16g to %.16g%s%s", value, what,
                       option->low, option->high, option->auto_word ? ", or " : "",
                       option->auto_word ? option->auto_word : "");
}

/* Digits with an optional minus; `*end` is what follows. False if there is none. What does not fit is clamped. */
static bool read_integer(const char *text, int64_t *value, const char **end)
{
    const char *digits = text + (*text == '-');
    if (*digits < '0' || *digits > '9')
        return false;
    char *stop;
    *value = strtoll(text, &stop, 10);
    *end = stop;
    return true;
}

static enum strata_status parse_integer(const struct strata_option *option, int64_t *field, const char *value,
                                        struct strata_error *err)
{
    if (option->auto_word && strcmp(value, option->auto_word) == 0) {
        *field = STRATA_CONFIG_AUTO;
        return STRATA_OK;
    }
    int64_t number;
    const char *end;
    if (!read_integer(value, &number, &end) || *end)
        return fail_number(option, "a whole number", value, err);
    if ((double)number < option->low || (double)number > option->high)
        return fail_bounds(option, value, err);
    *field = number;
    return STRATA_OK;
}

static const char size_letters[] = "KMGT";

static enum strata_status parse_size(const struct strata_option *option, int64_t *field, const char *value,
                                     struct strata_error *err)
{
    if (option->auto_word && strcmp(value, option->auto_word) == 0) {
        *field = STRATA_CONFIG_AUTO;
        return STRATA_OK;
    }
    int64_t number;
    const char *end;
    if (!read_integer(value, &number, &end))
        return strata_fail(err, STRATA_USAGE, "'%s' is not a size\nwrite bytes, or a number with K, M, G or T: 8G",
                           value);
    const char *letter = *end ? strchr(size_letters, *end) : NULL;
    if (letter) {
        for (ptrdiff_t i = 0; i <= letter - size_letters; i++)
            if (__builtin_mul_overflow(number, (int64_t)1024, &number))
                return fail_bounds(option, value, err);
        end++;
        end += *end == 'i';
        end += *end == 'B';
    }
    if (*end)
        return strata_fail(err, STRATA_USAGE, "'%s' is not a size\nwrite bytes, or a number with K, M, G or T: 8G",
                           value);
    if ((double)number < option->low || (double)number > option->high)
        return fail_bounds(option, value, err);
    *field = number;
    return STRATA_OK;
}

static enum strata_status parse_real(const struct strata_option *option, double *field, const char *value,
                                     struct strata_error *err)
{
    static const char what[] = "a number";
    if (!*value || strspn(value, "0123456789+-.eE") != strlen(value))
        return fail_number(option, what, value, err);
    char *end;
    double number = strtod(value, &end);
    if (*end)
        return fail_number(option, what, value, err);
    if (!(number >= option->low && number <= option->high))
        return fail_bounds(option, value, err);
    *field = number;
    return STRATA_OK;
}

static enum strata_status parse_date(const struct strata_option *option, int32_t *field, const char *value,
                                     struct strata_error *err)
{
    if (option->auto_word && strcmp(value, option->auto_word) == 0) {
        *field = STRATA_CONFIG_AS_OF_AUTO;
        return STRATA_OK;
    }
    if (!strata_day_parse(value, field))
        return strata_fail(err, STRATA_USAGE, "'%s' is not a date\nwrite YYYY-MM-DD%s%s, a day of the calendar", value,
                           option->auto_word ? " or " : "", option->auto_word ? option->auto_word : "");
    return STRATA_OK;
}

static enum strata_status append_text(struct strata_text_list *list, const char *value, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (!*value)
        STRATA_GIVE_UP(err, STRATA_USAGE, "a value of the list is empty\nwrite it or remove it");
    STRATA_TRY(check_utf8(value, err));
    char **grown = reallocarray(list->item, list->n + 1, sizeof *grown);
    if (!grown)
        return strata_fail_memory(err, "a list", list->n + 1, sizeof *grown);
    list->item = grown;
    grown[list->n] = strata_copy_string(value);
    if (!grown[list->n])
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a value");
    list->n++;
done:
    return status;
}

static enum strata_status append_number(const struct strata_option *option, struct strata_number_list *list,
                                        const char *value, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    double number = 0;
    STRATA_TRY(parse_real(option, &number, value, err));
    double *grown = reallocarray(list->item, list->n + 1, sizeof *grown);
    if (!grown)
        return strata_fail_memory(err, "a list", list->n + 1, sizeof *grown);
    list->item = grown;
    grown[list->n++] = number;
done:
    return status;
}

static enum strata_status append_values(const struct strata_option *option, void *field, const char *value,
                                        struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *copy = NULL;
    if (option->type == STRATA_OPTION_PATHS)
        return append_text(field, value, err);
    if (!(copy = strata_copy_string(value)))
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a value");
    char *rest = copy;
    for (char *item = strsep(&rest, ","); item; item = strsep(&rest, ",")) {
        item += strspn(item, " ");
        for (size_t n = strlen(item); n && item[n - 1] == ' '; n--)
            item[n - 1] = '\0';
        STRATA_TRY(option->type == STRATA_OPTION_NAMES ? append_text(field, item, err)
                                                       : append_number(option, field, item, err));
    }
done:
    free(copy);
    return status;
}

enum strata_status strata_option_assign(const struct strata_option *option, struct strata_config *config,
                                        const char *value, bool append, struct strata_error *err)
{
    void *field = field_of(option, config);
    switch (option->type) {
    case STRATA_OPTION_TEXT: return parse_text(option, field, value, err);
    case STRATA_OPTION_CHOICE: return parse_choice(option->words, field, value, err);
    case STRATA_OPTION_FLAG: return parse_flag(field, value, err);
    case STRATA_OPTION_INTEGER: return parse_integer(option, field, value, err);
    case STRATA_OPTION_SIZE: return parse_size(option, field, value, err);
    case STRATA_OPTION_REAL: return parse_real(option, field, value, err);
    case STRATA_OPTION_DATE: return parse_date(option, field, value, err);
    case STRATA_OPTION_PATHS:
    case STRATA_OPTION_NAMES:
    case STRATA_OPTION_NUMBERS:
        if (!append)
            strata_option_clear(option, config);
        return append_values(option, field, value, err);
    case STRATA_OPTION_RULES: break;
    }
    return strata_fail(err, STRATA_USAGE, "this option is a list of mappings\nwrite it in a configuration file");
}

/* ---- to text ---- */

size_t strata_option_n_values(const struct strata_option *option, const struct strata_config *config)
{
    const void *field = field_of(option, config);
    switch (option->type) {
    case STRATA_OPTION_TEXT: return *(char *const *)field != NULL;
    case STRATA_OPTION_PATHS:
    case STRATA_OPTION_NAMES: return ((const struct strata_text_list *)field)->n;
    case STRATA_OPTION_NUMBERS: return ((const struct strata_number_list *)field)->n;
    case STRATA_OPTION_RULES: return config->segments.n_rules;
    default: return 1;
    }
}

/* As few digits as read back as the same number. */
static void format_real(double value, char out[32])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            return;
    }
}

static void format_integer(const struct strata_option *option, int64_t value, char out[32])
{
    if (option->auto_word && value == STRATA_CONFIG_AUTO)
        snprintf(out, 32, "%s", option->auto_word);
    else
        snprintf(out, 32, "%" PRId64, value);
}

static void format_size(const struct strata_option *option, int64_t value, char out[32])
{
    if (option->auto_word && value == STRATA_CONFIG_AUTO) {
        snprintf(out, 32, "%s", option->auto_word);
        return;
    }
    const char *letter = size_letters;
    while (*letter && value && value % 1024 == 0) {
        value /= 1024;
        letter++;
    }
    int n = snprintf(out, 30, "%" PRId64, value);
    if (letter > size_letters) {
        out[n] = letter[-1];
        out[n + 1] = '\0';
    }
}

static void format_date(const struct strata_option *option, int32_t day, char out[32])
{
    if (option->auto_word && day == STRATA_CONFIG_AS_OF_AUTO)
        snprintf(out, 32, "%s", option->auto_word);
    else
        strata_day_format(day, out);
}

static char *copy_word(const char *words, unsigned choice)
{
    char store[LONGEST_WORDS];
    const char *word[MOST_WORDS];
    size_t n = split_words(words, store, word, MOST_WORDS);
    return strata_copy_string(choice < n ? word[choice] : "");
}

char *strata_option_value_text(const struct strata_option *option, const struct strata_config *config, size_t index)
{
    const void *field = field_of(option, config);
    char out[32] = "";
    switch (option->type) {
    case STRATA_OPTION_TEXT:
        return (option->has_secret ? strata_text_redact : strata_copy_string)(*(char *const *)field);
    case STRATA_OPTION_CHOICE: return copy_word(option->words, *(const unsigned *)field);
    case STRATA_OPTION_PATHS:
    case STRATA_OPTION_NAMES: return strata_copy_string(((const struct strata_text_list *)field)->item[index]);
    case STRATA_OPTION_FLAG: snprintf(out, sizeof out, "%s", *(const bool *)field ? "true" : "false"); break;
    case STRATA_OPTION_INTEGER: format_integer(option, *(const int64_t *)field, out); break;
    case STRATA_OPTION_SIZE: format_size(option, *(const int64_t *)field, out); break;
    case STRATA_OPTION_REAL: format_real(*(const double *)field, out); break;
    case STRATA_OPTION_DATE: format_date(option, *(const int32_t *)field, out); break;
    case STRATA_OPTION_NUMBERS: format_real(((const struct strata_number_list *)field)->item[index], out); break;
    case STRATA_OPTION_RULES: break;
    }
    return strata_copy_string(out);
}

/* ---- memory ---- */

void strata_option_clear(const struct strata_option *option, struct strata_config *config)
{
    if (strata_option_is_list(option))
        strata_option_release(option, config);
}

void strata_option_release(const struct strata_option *option, struct strata_config *config)
{
    void *field = field_of(option, config);
    if (option->type == STRATA_OPTION_TEXT) {
        free(*(char **)field);
        *(char **)field = NULL;
    } else if (option->type == STRATA_OPTION_PATHS || option->type == STRATA_OPTION_NAMES) {
        struct strata_text_list *list = field;
        for (size_t i = 0; i < list->n; i++)
            free(list->item[i]);
        free(list->item);
        *list = (struct strata_text_list){0};
    } else if (option->type == STRATA_OPTION_NUMBERS) {
        struct strata_number_list *list = field;
        free(list->item);
        *list = (struct strata_number_list){0};
    }
}
