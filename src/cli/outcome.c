#include "outcome.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "message.h"
#include "progress.h"

/* The line that schedulers read. */
static void print_result(const struct strata_run_result *result)
{
    fputs("{\"snapshot\":", stdout);
    cli_put_json(stdout, result->snapshot);
    printf(",\"customers\":%" PRIu64 ",\"transactions\":%" PRIu64 ",\"rejected\":%" PRIu64 ",\"seconds\":%.3f}\n",
           result->customers, result->rows_used, result->rows_rejected, result->seconds);
}

int cli_outcome(const struct strata_config *config, cli_job *job, const void *context)
{
    struct cli_progress progress;
    struct strata_run_result result = {0};
    struct strata_error err = {0};
    enum cli_format format = config->log == STRATA_CONFIG_LOG_JSON ? CLI_JSON : CLI_TEXT;
    int code = 0;
    if (config->transactions.n == 0 && !config->source) {
        strata_fail(
            &err, STRATA_USAGE,
            "no transactions are given\ngive --transactions PATH or --source WHERE, or transactions: or source: "
            "in a configuration file");
        return cli_fail(&err, format);
    }
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away must not end a run half-way */
    cli_progress_init(&progress, (int)config->progress, format, config->quiet);
    struct strata_observer observer = cli_progress_observer(&progress);
    enum strata_status status = job(context, config, &observer, &result, &err);
    cli_progress_finish(&progress);
    signal(SIGPIPE, SIG_DFL);
    if (status == STRATA_OK) {
        if (!config->quiet && result.summary)
            fputs(result.summary, stdout);
        print_result(&result);
    } else {
        code = cli_fail(&err, format);
    }
    strata_run_result_release(&result);
    return code;
}
