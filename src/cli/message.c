#include "message.h"

#include <errno.h>
#include <string.h>

int cli_fail(const struct strata_error *err, enum cli_format format)
{
    if (format == CLI_JSON) {
        fputs("{\"event\":\"error\",\"text\":", stderr);
        cli_put_json(stderr, err->message);
        fprintf(stderr, ",\"exit_code\":%d}\n", strata_status_exit_code(err->status));
    } else {
        for (const char *line = err->message; *line;) {
            int n = (int)strcspn(line, "\n");
            fprintf(stderr, "strata: %.*s\n", n, line);
            line += n + (line[n] == '\n');
        }
    }
    return strata_status_exit_code(err->status);
}

int cli_fail_usage(const char *command, const struct strata_error *err, enum cli_format format)
{
    int code = cli_fail(err, format);
    if (format == CLI_TEXT && !strchr(err->message, '\n'))
        fprintf(stderr, "strata: see strata%s%s --help\n", command ? " " : "", command ? command : "");
    return code;
}

/* Length of the UTF-8 sequence at `text`, 0 if it is not one (RFC 3629). */
static int utf8_length(const unsigned char *text)
{
    unsigned lead = text[0];
    int n = lead < 0x80                   ? 1
            : lead >= 0xC2 && lead < 0xE0 ? 2
            : lead >= 0xE0 && lead < 0xF0 ? 3
            : lead >= 0xF0 && lead < 0xF5 ? 4
                                          : 0;
    for (int i = 1; i < n; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    if ((lead == 0xE0 && text[1] < 0xA0) || (lead == 0xED && text[1] > 0x9F) || (lead == 0xF0 && text[1] < 0x90) ||
        (lead == 0xF4 && text[1] > 0x8F))
        return 0;
    return n;
}

void cli_put_json(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        int n = utf8_length(at);
        if (n == 0)
            fputs("\\ufffd", stream);
        else if (*at == '\n')
            fputs("\\n", stream);
        else if (*at < 0x20 || *at == 0x7F)
            fprintf(stream, "\\u%04x", *at);
        else
            fprintf(stream, "%s%.*s", *at == '"' || *at == '\\' ? "\\" : "", n, (const char *)at);
        at += n ? n : 1;
    }
    fputc('"', stream);
}

void cli_put_json_or_null(FILE *stream, const char *text)
{
    if (text)
        cli_put_json(stream, text);
    else
        fputs("null", stream);
}

int cli_finish(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "strata: cannot write to standard output%s%s\nstrata: is the disk full?\n", errno ? ": " : "",
            errno ? strerror(errno) : "");
    return code ? code : strata_status_exit_code(STRATA_IO);
}
