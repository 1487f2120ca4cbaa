#include "progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <strata/config.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void cli_progress_init(struct cli_progress *progress, int when, enum cli_format format, bool is_quiet)
{
    *progress = (struct cli_progress){.format = format, .is_quiet = is_quiet};
    bool is_terminal = isatty(STDERR_FILENO) == 1;
    if (when == STRATA_CONFIG_PROGRESS_NEVER || (is_quiet && when == STRATA_CONFIG_PROGRESS_AUTO))
        progress->style = CLI_PROGRESS_NONE;
    else if (format == CLI_JSON)
        progress->style = CLI_PROGRESS_LINES;
    else if (is_terminal)
        progress->style = CLI_PROGRESS_REWRITTEN;
    else
        progress->style = when == STRATA_CONFIG_PROGRESS_ALWAYS ? CLI_PROGRESS_LINES : CLI_PROGRESS_NONE;
}

static void wipe(struct cli_progress *progress)
{
    if (progress->has_line)
        fputs("\r\033[K", stderr);
    progress->has_line = false;
}

void cli_progress_finish(struct cli_progress *progress)
{
    wipe(progress);
    fflush(stderr);
}

/* 12,345,678 */
static void format_count(uint64_t count, char out[32])
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, count), to = 0;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            out[to++] = ',';
        out[to++] = digits[i];
    }
    out[to] = '\0';
}

static void format_left(double seconds, char out[32])
{
    if (seconds < 90)
        snprintf(out, 32, "%.0f s left", ceil(seconds));
    else if (seconds < 5400)
        snprintf(out, 32, "%.0f min left", ceil(seconds / 60));
    else
        snprintf(out, 32, "%.1f h left", fmin(seconds / 3600, 9999));
}

static int terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

/* "ingest  12,345,678 rows  310 MB/s  45 %  12 s left" */
static void format_progress(const struct strata_event *event, char *out, size_t n_out)
{
    char rows[32], left[32];
    format_count(event->rows, rows);
    int n = snprintf(out, n_out, "%-10s %15s rows", event->stage, rows);
    if (event->bytes && event->seconds > 0)
        n += snprintf(out + n, n_out - (size_t)n, "  %6.0f MB/s", (double)event->bytes * 1e-6 / event->seconds);
    if (isnan(event->share))
        return;
    n += snprintf(out + n, n_out - (size_t)n, "  %3.0f %%", fmin(fmax(event->share, 0), 1) * 100);
    if (event->share > 0.01 && event->share < 1) {
        format_left(event->seconds * (1 - event->share) / event->share, left);
        snprintf(out + n, n_out - (size_t)n, "  %s", left);
    }
}

static void show_json(const struct strata_event *event)
{
    static const char *const name[] = {
        [STRATA_EVENT_LOG] = "log", [STRATA_EVENT_WARNING] = "warning", [STRATA_EVENT_PROGRESS] = "progress"};
    fprintf(stderr, "{\"event\":\"%s\",\"stage\":", name[event->kind]);
    cli_put_json(stderr, event->stage);
    if (event->text) {
        fputs(",\"text\":", stderr);
        cli_put_json(stderr, event->text);
    }
    if (event->kind == STRATA_EVENT_PROGRESS) {
        fprintf(stderr, ",\"rows\":%" PRIu64 ",\"bytes\":%" PRIu64, event->rows, event->bytes);
        if (!isnan(event->share))
            fprintf(stderr, ",\"share\":%.4f", event->share);
    }
    fprintf(stderr, ",\"seconds\":%.3f}\n", event->seconds);
}

/* The first and the last of a stage are always due, the others when enough time has passed. */
static bool is_due(struct cli_progress *progress, const struct strata_event *event)
{
    double time = now(), pause = progress->style == CLI_PROGRESS_REWRITTEN ? 0.1 : 1;
    bool is_new = strncmp(progress->stage, event->stage, sizeof progress->stage - 1) != 0;
    if (!is_new && event->share < 1 && time - progress->shown_at < pause)
        return false;
    if (!is_new && isnan(event->share) && time - progress->shown_at < pause)
        return false;
    snprintf(progress->stage, sizeof progress->stage, "%s", event->stage);
    progress->shown_at = time;
    return true;
}

static void show_progress(struct cli_progress *progress, const struct strata_event *event)
{
    char line[256];
    if (progress->style == CLI_PROGRESS_NONE || !is_due(progress, event))
        return;
    if (progress->format == CLI_JSON) {
        show_json(event);
        return;
    }
    format_progress(event, line, sizeof line);
    if (progress->style == CLI_PROGRESS_LINES) {
        fprintf(stderr, "strata: %s\n", line);
        return;
    }
    fprintf(stderr, "\r\033[K%.*s", terminal_width(), line);
    fflush(stderr);
    progress->has_line = true;
}

static void notify(void *context, const struct strata_event *event)
{
    struct cli_progress *progress = context;
    if (event->kind == STRATA_EVENT_PROGRESS) {
        show_progress(progress, event);
        return;
    }
    if (progress->is_quiet && event->kind == STRATA_EVENT_LOG)
        return;
    wipe(progress);
    if (progress->format == CLI_JSON)
        show_json(event);
    else
        fprintf(stderr, "strata: %s%s\n", event->kind == STRATA_EVENT_WARNING ? "warning: " : "", event->text);
}

struct strata_observer cli_progress_observer(struct cli_progress *progress)
{
    return (struct strata_observer){.notify = notify, .context = progress};
}
