#include "configuration.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

size_t cli_configuration_flags(struct cli_flag flags[])
{
    size_t n = strata_option_count();
    for (size_t i = 0; i < n; i++) {
        const struct strata_option *option = strata_option_at(i);
        flags[i] = (struct cli_flag){.name = option->flag,
                                     .metavar = option->metavar,
                                     .group = option->group,
                                     .help = option->help,
                                     .words = option->words,
                                     .default_text = option->default_text,
                                     .key = option->name,
                                     .low = option->low,
                                     .high = option->type == STRATA_OPTION_NUMBERS ? option->low : option->high,
                                     .tag = (int)i};
    }
    return n;
}

/* The flags wait until the file has been read. */
struct setting {
    const struct strata_option *option;
    const char *value;
};

struct settings {
    const struct cli_configuration_base *base;
    struct setting *setting; /* room for all arguments */
    size_t n;
    const char *path;
};

static enum strata_status collect(void *context, const struct cli_flag *flag, const char *value,
                                  struct strata_error *err)
{
    struct settings *settings = context;
    if (flag) {
        const struct strata_option *option = strata_option_at((size_t)flag->tag);
        settings->setting[settings->n++] = (struct setting){option, value ? value : option->flag_value};
        return STRATA_OK;
    }
    if (settings->path)
        return strata_fail(err, STRATA_USAGE, "two %s: %s and %s\ngive one; transactions go into --transactions",
                           settings->base->what, settings->path, value);
    settings->path = value;
    return STRATA_OK;
}

/* A list flag replaces the file's list the first time and adds to it from then on. */
static enum strata_status apply(struct strata_config *config, const struct settings *settings, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (size_t i = 0; i < settings->n && status == STRATA_OK; i++) {
        const struct setting *setting = &settings->setting[i];
        char name[64];
        bool is_again = false;
        for (size_t j = 0; j < i; j++)
            is_again = is_again || settings->setting[j].option == setting->option;
        snprintf(name, sizeof name, "--%s", setting->option->flag);
        status = is_again ? strata_config_add(config, name, setting->value, err)
                          : strata_config_set(config, name, setting->value, err);
    }
    return status;
}

static enum strata_status read_all(const struct settings *settings, struct strata_config *config,
                                   struct strata_error *err)
{
    enum strata_status status = strata_config_init(config, err);
    if (status == STRATA_OK && !settings->path && settings->base->wanted)
        status = strata_fail(err, STRATA_USAGE, "%s", settings->base->wanted);
    if (status == STRATA_OK && settings->path)
        status = settings->base->load(config, settings->path, err);
    if (status == STRATA_OK)
        status = apply(config, settings, err);
    if (status == STRATA_OK)
        status = strata_config_validate(config, err);
    return status;
}

/* How to say what is wrong with a configuration that has not been read to its end. */
static enum cli_format wanted_format(const struct settings *settings, const struct strata_config *config)
{
    bool is_json = config->log == STRATA_CONFIG_LOG_JSON;
    for (size_t i = 0; i < settings->n; i++)
        if (strcmp(settings->setting[i].option->name, "log") == 0)
            is_json = strcmp(settings->setting[i].value, "json") == 0;
    return is_json ? CLI_JSON : CLI_TEXT;
}

const struct cli_configuration_base cli_configuration_file = {.load = strata_config_load, .what = "configurations"};

int cli_configuration_read(const struct cli_command *command, const struct cli_configuration_base *base, int argc,
                           char **argv, struct strata_config *config, const char **path, int *is_done)
{
    struct cli_flag flags[CLI_MOST_FLAGS];
    struct strata_error err = {0};
    size_t n_flags = command->list_flags(flags);
    struct settings settings = {.base = base, .setting = calloc((size_t)argc, sizeof *settings.setting)};
    int code = 0;
    *config = (struct strata_config){0};
    enum strata_status status = settings.setting ? STRATA_OK : strata_fail(&err, STRATA_MEMORY, "out of memory");
    if (status == STRATA_OK)
        status = cli_flags_parse(flags, n_flags, argc, argv, collect, &settings, is_done, &err);
    if (status == STRATA_OK && *is_done)
        cli_command_help(command);
    else if (status == STRATA_OK)
        status = read_all(&settings, config, &err);
    if (status != STRATA_OK) {
        enum cli_format format = wanted_format(&settings, config);
        *is_done = 1;
        code = status == STRATA_USAGE ? cli_fail_usage(command->name, &err, format) : cli_fail(&err, format);
    }
    *path = settings.path;
    free(settings.setting);
    return code;
}
