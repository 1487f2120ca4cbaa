#include <strata/features.h>

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "message.h"

static enum strata_status refuse(void *context, const struct cli_flag *flag, const char *value,
                                 struct strata_error *err)
{
    (void)context, (void)flag;
    return strata_fail(err, STRATA_USAGE, "features takes no arguments, but here is %s\nwrite strata features", value);
}

static int width(const char *heading, const char *(*text)(const struct strata_column *))
{
    size_t widest = strlen(heading);
    for (size_t i = 0; i < strata_feature_count(); i++)
        if (strlen(text(strata_feature_at(i))) > widest)
            widest = strlen(text(strata_feature_at(i)));
    return (int)widest;
}

static const char *name_of(const struct strata_column *column) { return column->name; }
static const char *type_of(const struct strata_column *column) { return strata_type_name(column->type); }
static const char *unit_of(const struct strata_column *column) { return column->unit; }

static int run(const struct cli_command *command, int argc, char **argv)
{
    struct strata_error err = {0};
    int wants_help;
    if (cli_flags_parse(NULL, 0, argc, argv, refuse, NULL, &wants_help, &err) != STRATA_OK)
        return cli_fail_usage(command->name, &err, CLI_TEXT);
    if (wants_help) {
        cli_command_help(command);
        return 0;
    }
    int name = width("name", name_of), type = width("type", type_of), unit = width("unit", unit_of);
    printf("%-*s  %-*s  %-*s  meaning\n", name, "name", type, "type", unit, "unit");
    for (size_t i = 0; i < strata_feature_count(); i++) {
        const struct strata_column *column = strata_feature_at(i);
        printf("%-*s  %-*s  %-*s  %s\n", name, column->name, type, type_of(column), unit, column->unit,
               column->description);
    }
    return 0;
}

const struct cli_command cli_command_features = {
    .name = "features",
    .arguments = "",
    .summary = "The catalogue of features: name, type, unit, meaning",
    .run = run,
};
