/* Doing a job that makes a snapshot, and telling what came of it: on a terminal, and in one line of JSON. */
#ifndef STRATA_CLI_OUTCOME_H
#define STRATA_CLI_OUTCOME_H

#include <strata/run.h>

typedef enum strata_status cli_job(const void *context, const struct strata_config *config,
                                   const struct strata_observer *observer, struct strata_run_result *result,
                                   struct strata_error *err);

/* Returns the exit code. */
int cli_outcome(const struct strata_config *config, cli_job *job, const void *context);

#endif
