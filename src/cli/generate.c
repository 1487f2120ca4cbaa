#include <strata/generate.h>

#include <inttypes.h>
#include <strata/config.h>
#include <string.h>

#include "command.h"
#include "message.h"
#include "progress.h"

enum {
    CUSTOMERS,
    DAYS,
    START,
    SEED,
    ONE_TIME_SHARE,
    ORDERS_PER_YEAR,
    MEAN_AMOUNT,
    RETURN_SHARE,
    MULTI_LINE_SHARE,
    IDS,
    COLUMNS,
    NO_HEADER,
    OUTPUT,
    THREADS,
    PROGRESS,
    QUIET,
    N_FLAGS
};

/* The values of the log are options of the library, which knows their bounds. */
static const struct cli_flag flags_table[N_FLAGS] = {
    [CUSTOMERS] = {.name = "customers",
                   .metavar = "N",
                   .group = "Customers",
                   .default_text = "10000",
                   .help = "each of them buys at least once",
                   .tag = CUSTOMERS},
    [DAYS] = {.name = "days",
              .metavar = "N",
              .group = "Customers",
              .default_text = "730",
              .help = "days that the log covers",
              .tag = DAYS},
    [START] = {.name = "start",
               .metavar = "DATE",
               .group = "Customers",
               .default_text = "2024-01-01",
               .help = "its first day",
               .tag = START},
    [SEED] = {.name = "seed",
              .metavar = "N",
              .group = "Customers",
              .default_text = "1",
              .help = "the same seed and options give the same bytes",
              .tag = SEED},
    [ONE_TIME_SHARE] = {.name = "one-time-share",
                        .metavar = "X",
                        .group = "Customers",
                        .default_text = "0.4",
                        .help = "share of the customers who never come back",
                        .tag = ONE_TIME_SHARE},
    [ORDERS_PER_YEAR] = {.name = "orders-per-year",
                         .metavar = "X",
                         .group = "Customers",
                         .default_text = "12",
                         .help = "mean rate of the others while they are customers",
                         .tag = ORDERS_PER_YEAR},
    [MEAN_AMOUNT] = {.name = "mean-amount",
                     .metavar = "X",
                     .group = "Customers",
                     .default_text = "60",
                     .help = "mean value of an order",
                     .tag = MEAN_AMOUNT},
    [RETURN_SHARE] = {.name = "return-share",
                      .metavar = "X",
                      .group = "Customers",
                      .default_text = "0.02",
                      .help = "share of the orders that are sent back",
                      .tag = RETURN_SHARE},
    [MULTI_LINE_SHARE] = {.name = "multi-line-share",
                          .metavar = "X",
                          .group = "Customers",
                          .default_text = "0.15",
                          .help = "share of the orders with two or three rows",
                          .tag = MULTI_LINE_SHARE},
    [IDS] = {.name = "ids",
             .metavar = "KIND",
             .group = "Output",
             .words = "short|uuid",
             .default_text = "short",
             .help = "customer ids",
             .tag = IDS},
    [COLUMNS] = {.name = "columns",
                 .metavar = "NAME,...",
                 .group = "Output",
                 .help = "which and in what order, of customer,time,amount,order,channel,category; default all",
                 .tag = COLUMNS},
    [NO_HEADER] = {.name = "no-header",
                   .group = "Output",
                   .help = "no line with the names of the columns",
                   .tag = NO_HEADER},
    [OUTPUT] = {.name = "output",
                .metavar = "PATH",
                .group = "Output",
                .default_text = "-",
                .help = "a file, which appears whole or not at all; -: standard output",
                .tag = OUTPUT},
    [THREADS] = {.name = "threads",
                 .metavar = "N",
                 .group = "Running",
                 .default_text = "0",
                 .help = "0: all; the log does not depend on it",
                 .tag = THREADS},
    [PROGRESS] = {.name = "progress",
                  .metavar = "WHEN",
                  .group = "Running",
                  .words = "auto|always|never",
                  .default_text = "auto",
                  .help = "progress on stderr; auto: on a terminal only",
                  .tag = PROGRESS},
    [QUIET] = {.name = "quiet", .group = "Running", .help = "only warnings and errors on stderr", .tag = QUIET},
};

static size_t list_flags(struct cli_flag flags[])
{
    memcpy(flags, flags_table, sizeof flags_table);
    return N_FLAGS;
}

struct request {
    struct strata_generate_options options;
    const char *output;
    int progress; /* enum strata_config_progress */
    bool is_quiet;
};

static enum strata_status take(void *context, const struct cli_flag *flag, const char *value, struct strata_error *err)
{
    struct request *request = context;
    struct strata_generate_options *options = &request->options;
    int position = 0;
    enum strata_status status = STRATA_OK;
    if (!flag)
        return strata_fail(err, STRATA_USAGE, "generate takes flags alone, but here is %s\ndid you mean --output %s?",
                           value, value);
    switch (flag->tag) {
    case CUSTOMERS: return cli_flag_unsigned(flag, value, &options->customers, err);
    case DAYS: return cli_flag_int(flag, value, &options->days, err);
    case START: options->start = value; break;
    case SEED: return cli_flag_unsigned(flag, value, &options->seed, err);
    case ONE_TIME_SHARE: return cli_flag_real(flag, value, &options->one_time_share, err);
    case ORDERS_PER_YEAR: return cli_flag_real(flag, value, &options->orders_per_year, err);
    case MEAN_AMOUNT: return cli_flag_real(flag, value, &options->mean_amount, err);
    case RETURN_SHARE: return cli_flag_real(flag, value, &options->return_share, err);
    case MULTI_LINE_SHARE: return cli_flag_real(flag, value, &options->multi_line_share, err);
    case IDS:
        status = cli_flag_word(flag, value, &position, err);
        options->ids = (enum strata_generate_ids)position;
        break;
    case COLUMNS: options->columns = value; break;
    case NO_HEADER: options->header = false; break;
    case OUTPUT: request->output = value; break;
    case THREADS: return cli_flag_int(flag, value, &options->threads, err);
    case PROGRESS: return cli_flag_word(flag, value, &request->progress, err);
    case QUIET: request->is_quiet = true; break;
    }
    return status;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
    struct request request = {.output = "-", .progress = STRATA_CONFIG_PROGRESS_AUTO};
    struct cli_progress progress;
    struct strata_error err = {0};
    uint64_t rows = 0;
    int wants_help = 0;
    strata_generate_options_init(&request.options);
    if (cli_flags_parse(flags_table, N_FLAGS, argc, argv, take, &request, &wants_help, &err) != STRATA_OK)
        return cli_fail_usage(command->name, &err, CLI_TEXT);
    if (wants_help) {
        cli_command_help(command);
        return 0;
    }
    cli_progress_init(&progress, request.progress, CLI_TEXT, request.is_quiet);
    struct strata_observer observer = cli_progress_observer(&progress);
    enum strata_status status = strata_generate(&request.options, request.output, &observer, &rows, &err);
    cli_progress_finish(&progress);
    if (status == STRATA_USAGE)
        return cli_fail_usage(command->name, &err, CLI_TEXT);
    if (status != STRATA_OK)
        return cli_fail(&err, CLI_TEXT);
    if (!request.is_quiet)
        fprintf(stderr, "strata: %" PRIu64 " rows written%s%s\n", rows, strcmp(request.output, "-") ? " to " : "",
                strcmp(request.output, "-") ? request.output : "");
    return 0;
}

const struct cli_command cli_command_generate = {
    .name = "generate",
    .arguments = "[options]",
    .summary = "A synthetic transaction log, deterministic from its seed",
    .list_flags = list_flags,
    .run = run,
};
