#include "redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const secrets[] = {"password", "passwd", "secret", "secret_access_key", "session_token"};
enum { N_SECRETS = sizeof secrets / sizeof secrets[0] };

/* Does text[0..n) end with the name of a secret? */
static bool names_secret(const char *text, size_t n)
{
    while (n && isspace((unsigned char)text[n - 1]))
        --n;
    for (size_t i = 0; i < N_SECRETS; ++i) {
        size_t length = strlen(secrets[i]);
        if (n >= length && strncasecmp(text + n - length, secrets[i], length) == 0)
            return true;
    }
    return false;
}

/* Where the value at `at` ends: a quoted one behind its quote, where a backslash or doubling keeps a quote inside. */
static const char *skip_value(const char *at)
{
    const char quote = *at;
    if (quote != '\'' && quote != '"')
        return at + strcspn(at, "&; \t\r\n,)'\"");
    for (++at; *at; ++at) {
        if ((*at == '\\' && at[1]) || (*at == quote && at[1] == quote))
            ++at;
        else if (*at == quote)
            return at + 1;
    }
    return at;
}

/* Of "://user:secret@", where the secret begins and ends; false if there is none. An @ belongs to the secret unless it
 * is the last one before the host. */
static bool find_url_secret(const char *at, const char **begin, const char **end)
{
    size_t n = strcspn(at, "/ \t\r\n");
    const char *last = memrchr(at, '@', n), *colon = memchr(at, ':', n);
    if (!last || !colon || colon > last)
        return false;
    *begin = colon + 1;
    *end = last;
    return true;
}

char *strata_text_redact(const char *text)
{
    char *copy = NULL;
    size_t n = 0;
    const char *at = text, *begin, *end;
    FILE *out = text ? open_memstream(&copy, &n) : NULL;
    if (!out)
        return NULL;
    while (*at) {
        if (strncmp(at, "://", 3) == 0 && find_url_secret(at + 3, &begin, &end)) {
            (void)fprintf(out, "%.*s***", (int)(begin - at), at);
            at = end;
        } else if (*at == '=' && names_secret(text, (size_t)(at - text))) {
            begin = at + 1 + strspn(at + 1, " \t");
            (void)fprintf(out, "%.*s***", (int)(begin - at), at);
            at = skip_value(begin);
        } else {
            (void)fputc(*at++, out);
        }
    }
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(copy);
        return NULL;
    }
    return copy;
}
