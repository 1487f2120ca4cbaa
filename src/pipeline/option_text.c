/* The values of options to text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "memory.h"
#include "option_field.h"
#include "redact.h"

const char strata_option_size_letters[] = "KMGT";

size_t strata_option_split_words(const char *words, char *store, const char *word[], size_t capacity)
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

size_t strata_option_n_values(const struct strata_option *option, const struct strata_config *config)
{
    const void *field = strata_option_field_of(option, config);
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
    const char *letter = strata_option_size_letters;
    while (*letter && value && value % 1024 == 0) {
        value /= 1024;
        letter++;
    }
    int n = snprintf(out, 30, "%" PRId64, value);
    if (letter > strata_option_size_letters) {
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
    char store[STRATA_OPTION_LONGEST_WORDS];
    const char *word[STRATA_OPTION_MOST_WORDS];
    size_t n = strata_option_split_words(words, store, word, STRATA_OPTION_MOST_WORDS);
    return strata_copy_string(choice < n ? word[choice] : "");
}

char *strata_option_value_text(const struct strata_option *option, const struct strata_config *config, size_t index)
{
    const void *field = strata_option_field_of(option, config);
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
