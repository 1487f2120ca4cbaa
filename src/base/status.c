#include <strata/status.h>

#include <stdio.h>

static const struct {
    int exit_code;
    const char *meaning;
} statuses[] = {
#define STRATA_STATUS_ROW(name, code, text) [STRATA_##name] = {code, text},
    STRATA_STATUS_LIST(STRATA_STATUS_ROW)
#undef STRATA_STATUS_ROW
};

int strata_status_exit_code(enum strata_status status) { return statuses[status].exit_code; }

const char *strata_status_meaning(enum strata_status status) { return statuses[status].meaning; }

enum strata_status strata_fail(struct strata_error *err, enum strata_status status, const char *format, ...)
{
    if (!err)
        return status;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    err->status = status;
    return status;
}
