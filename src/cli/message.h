/* What the command line says: errors on stderr, the last words on stdout. */
#ifndef STRATA_CLI_MESSAGE_H
#define STRATA_CLI_MESSAGE_H

#include <stdio.h>
#include <strata/status.h>

enum cli_format { CLI_TEXT, CLI_JSON };

/* Print an error on stderr, every line after "strata: " (or one JSON object), and return its exit code. */
int cli_fail(const struct strata_error *err, enum cli_format format);

/* The same for wrong use of a command; adds where help is if the error does not say what to do. */
int cli_fail_usage(const char *command, const struct strata_error *err, enum cli_format format);

/* A text as a JSON string in quotes; bytes that are not UTF-8 become U+FFFD. */
void cli_put_json(FILE *stream, const char *text);

/* The same, or null for NULL. */
void cli_put_json_or_null(FILE *stream, const char *text);

/* Flush stdout: `code`, or 5 with a message if what was printed did not arrive. A reader that has gone ends the program
 * by SIGPIPE, quietly. */
int cli_finish(int code);

#endif
