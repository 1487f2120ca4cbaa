#include "option_field.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "check.h"
#include "memory.h"
#include "utf8.h"

bool strata_option_is_list(const struct strata_option *option)
{
    return option->type == STRATA_OPTION_PATHS || option->type == STRATA_OPTION_NAMES ||
           option->type == STRATA_OPTION_NUMBERS;
}

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

static enum strata_status parse_choice(const char *words, unsigned *field, const char *value, struct strata_error *err)
{
    char store[STRATA_OPTION_LONGEST_WORDS];
    const char *word[STRATA_OPTION_MOST_WORDS];
    size_t n = strata_option_split_words(words, store, word, STRATA_OPTION_MOST_WORDS);
    for (size_t i = 0; i < n; i++)
        if (strcmp(value, word[i]) == 0) {
            *field = (unsigned)i;
            return STRATA_OK;
        }
    char all[2 * STRATA_OPTION_LONGEST_WORDS] = "";
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
    const char *letter = *end ? strchr(strata_option_size_letters, *end) : NULL;
    if (letter) {
        for (ptrdiff_t i = 0; i <= letter - strata_option_size_letters; i++)
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
    void *field = strata_option_field_of(option, config);
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

void strata_option_clear(const struct strata_option *option, struct strata_config *config)
{
    if (strata_option_is_list(option))
        strata_option_release(option, config);
}

void strata_option_release(const struct strata_option *option, struct strata_config *config)
{
    void *field = strata_option_field_of(option, config);
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
