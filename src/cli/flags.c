#include "flags.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/config.h>
#include <string.h>

/* ---- parsing ---- */

/* `argument` is "--name" or "--name=value". */
static enum strata_status fail_unknown(const struct cli_flag *flags, size_t n_flags, const char *command,
                                       const char *argument, struct strata_error *err)
{
    const char *names[CLI_MOST_FLAGS + 1];
    char name[64];
    size_t n = 0;
    for (size_t i = 0; i < n_flags; i++)
        if (flags[i].name)
            names[n++] = flags[i].name;
    names[n++] = "help";
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument);
    const char *near = strata_nearest_name(name + strspn(name, "-"), names, n);
    if (near)
        return strata_fail(err, STRATA_USAGE, "there is no flag %s\ndid you mean --%s?", name, near);
    return strata_fail(err, STRATA_USAGE, "there is no flag %s\nthe flags are in strata %s --help", name, command);
}

/* getopt_long has found something wrong with `argument`. */
static enum strata_status fail_flag(const struct cli_flag *flags, size_t n_flags, const char *command,
                                    const char *argument, int code, struct strata_error *err)
{
    size_t n_name = strcspn(argument, "=");
    char letter[] = {'-', (char)optopt, '\0'};
    if (optopt > 0 && optopt < 128) /* one letter, perhaps inside an argument of several */
        return fail_unknown(flags, n_flags, command, letter, err);
    if (code == ':')
        return strata_fail(err, STRATA_USAGE, "%s needs a value\nwrite %s VALUE or %s=VALUE", argument, argument,
                           argument);
    for (size_t i = 0; i < n_flags; i++)
        if (argument[n_name] && flags[i].name && !flags[i].metavar && strlen(flags[i].name) + 2 == n_name &&
            strncmp(flags[i].name, argument + 2, n_name - 2) == 0)
            return strata_fail(err, STRATA_USAGE, "%.*s takes no value\nleave out %s", (int)n_name, argument,
                               argument + n_name);
    return fail_unknown(flags, n_flags, command, argument, err);
}

enum strata_status cli_flags_parse(const struct cli_flag *flags, size_t n_flags, int argc, char **argv, cli_take *take,
                                   void *context, int *wants_help, struct strata_error *err)
{
    enum { HELP = CLI_MOST_FLAGS + 256, FIRST = 256, ARGUMENT = 1 };
    struct option options[CLI_MOST_FLAGS + 2] = {{.name = "help", .val = HELP}};
    enum strata_status status = STRATA_OK;
    size_t n = 1;
    *wants_help = 0;
    for (size_t i = 0; i < n_flags; i++)
        if (flags[i].name)
            options[n++] = (struct option){.name = flags[i].name,
                                           .has_arg = flags[i].metavar ? required_argument : no_argument,
                                           .val = FIRST + (int)i};
    optind = 0; /* glibc: begin anew */
    opterr = 0;
    while (status == STRATA_OK) {
        int code = getopt_long(argc, argv, "-:h", options, NULL);
        if (code == -1)
            break;
        if (code == 'h' || code == HELP) {
            *wants_help = 1;
            return STRATA_OK;
        }
        if (code == '?' || code == ':')
            return fail_flag(flags, n_flags, argv[0], argv[optind - 1], code, err);
        if (code == ARGUMENT)
            status = take(context, NULL, optarg, err);
        else
            status = take(context, &flags[code - FIRST], optarg, err);
    }
    for (; status == STRATA_OK && optind < argc; optind++) /* after "--" */
        status = take(context, NULL, argv[optind], err);
    return status;
}

/* ---- values ---- */

static enum strata_status fail_value(const struct cli_flag *flag, const char *value, const char *what,
                                     struct strata_error *err)
{
    return strata_fail(err, STRATA_USAGE, "--%s: '%s' is not %s\nwrite for example --%s %s", flag->name, value, what,
                       flag->name, flag->default_text ? flag->default_text : flag->metavar);
}

enum strata_status cli_flag_unsigned(const struct cli_flag *flag, const char *value, uint64_t *number,
                                     struct strata_error *err)
{
    char *end;
    errno = 0;
    *number = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno)
        return fail_value(flag, value, "a whole number of zero or more", err);
    return STRATA_OK;
}

enum strata_status cli_flag_int(const struct cli_flag *flag, const char *value, int *number, struct strata_error *err)
{
    uint64_t wide;
    enum strata_status status = cli_flag_unsigned(flag, value, &wide, err);
    if (status == STRATA_OK && wide > INT32_MAX)
        status = fail_value(flag, value, "a whole number that small", err);
    if (status == STRATA_OK)
        *number = (int)wide;
    return status;
}

enum strata_status cli_flag_real(const struct cli_flag *flag, const char *value, double *number,
                                 struct strata_error *err)
{
    char *end;
    *number = strtod(value, &end);
    if (!*value || strspn(value, "0123456789+-.eE") != strlen(value) || *end)
        return fail_value(flag, value, "a number", err);
    return STRATA_OK;
}

enum strata_status cli_flag_word(const struct cli_flag *flag, const char *value, int *position,
                                 struct strata_error *err)
{
    char store[128];
    const char *word[16];
    int n = 0;
    snprintf(store, sizeof store, "%s", flag->words);
    for (char *rest = store, *at; (at = strsep(&rest, "|")) && n < 16; n++) {
        word[n] = at;
        if (strcmp(at, value) == 0) {
            *position = n;
            return STRATA_OK;
        }
    }
    const char *near = strata_nearest_name(value, word, (size_t)n);
    return strata_fail(err, STRATA_USAGE, "--%s: '%s' is not one of %s%s%s%s", flag->name, value, flag->words,
                       near ? "\ndid you mean " : "\nwrite one of these", near ? near : "", near ? "?" : "");
}

/* ---- help ---- */

enum { HELP_COLUMN = 29, LINE_WIDTH = 80 };

/* Words of `text` from column `at` on, wrapped at LINE_WIDTH, further lines indented to HELP_COLUMN. */
static void print_wrapped(const char *text, int at)
{
    bool is_first = true;
    while (*text) {
        int n = (int)strcspn(text, " ");
        if (!is_first && at + 1 + n > LINE_WIDTH) {
            printf("\n%*s", HELP_COLUMN, "");
            at = HELP_COLUMN;
            is_first = true;
        }
        printf("%s%.*s", is_first ? "" : " ", n, text);
        at += n + !is_first;
        is_first = false;
        text += n;
        text += strspn(text, " ");
    }
    putchar('\n');
}

/* "help (a|b|c; default a) [key]" */
static void format_help(const struct cli_flag *flag, char *out, size_t n_out)
{
    const char *separator = " (";
    int n = snprintf(out, n_out, "%s", flag->help);
    if (flag->words) {
        n += snprintf(out + n, n_out - (size_t)n, "%s%s", separator, flag->words);
        separator = "; ";
    }
    if (flag->low < flag->high && flag->high < 1e15) {
        n += snprintf(out + n, n_out - (size_t)n, "%s%.16g to %.16g", separator, flag->low, flag->high);
        separator = "; ";
    }
    if (flag->metavar && flag->default_text) {
        n += snprintf(out + n, n_out - (size_t)n, "%sdefault %s", separator, flag->default_text);
        separator = "; ";
    }
    if (*separator == ';')
        n += snprintf(out + n, n_out - (size_t)n, ")");
    if (flag->name && flag->key)
        snprintf(out + n, n_out - (size_t)n, " [%s]", flag->key);
}

static void print_flag(const struct cli_flag *flag)
{
    char right[1024];
    int used = flag->name
                   ? printf("  --%s%s%s", flag->name, flag->metavar ? " " : "", flag->metavar ? flag->metavar : "")
                   : printf("  %s:", flag->key); /* in a configuration file only */
    if (used >= HELP_COLUMN - 1) {
        putchar('\n');
        used = 0;
    }
    printf("%*s", HELP_COLUMN - used, "");
    format_help(flag, right, sizeof right);
    print_wrapped(right, HELP_COLUMN);
}

void cli_flags_help(const struct cli_flag *flags, size_t n_flags)
{
    const char *group = "";
    for (size_t i = 0; i < n_flags; i++) {
        if (strcmp(group, flags[i].group) != 0)
            printf("\n%s:\n", flags[i].group);
        group = flags[i].group;
        print_flag(&flags[i]);
    }
}
