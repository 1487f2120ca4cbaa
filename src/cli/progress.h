/* An observer for the terminal: one line that is rewritten, log lines, or JSON, all on stderr. */
#ifndef STRATA_CLI_PROGRESS_H
#define STRATA_CLI_PROGRESS_H

#include <stdbool.h>
#include <strata/observer.h>

#include "message.h"

enum cli_progress_style {
    CLI_PROGRESS_NONE,
    CLI_PROGRESS_REWRITTEN, /* one line in place: a terminal */
    CLI_PROGRESS_LINES,     /* a line a second: anything else */
};

struct cli_progress {
    enum cli_format format;
    enum cli_progress_style style;
    bool is_quiet;   /* no log lines; warnings always */
    char stage[32];  /* of the last progress shown */
    double shown_at; /* seconds, monotonic */
    bool has_line;   /* the terminal's last line is ours */
};

/* `when`: enum strata_config_progress. */
void cli_progress_init(struct cli_progress *progress, int when, enum cli_format format, bool is_quiet);

/* An observer that shows its events; `progress` outlives it. */
struct strata_observer cli_progress_observer(struct cli_progress *progress);

/* Wipe the line that is still there. */
void cli_progress_finish(struct cli_progress *progress);

#endif
