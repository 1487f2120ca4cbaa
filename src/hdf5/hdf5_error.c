#include "hdf5_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The innermost entry of the stack, and the first errno that a driver reported in its text. */
struct reason {
    bool is_known, is_memory;
    int os_error;
    char text[256];
};

void strata_hdf5_session_begin(struct strata_hdf5_session *session)
{
    *session = (struct strata_hdf5_session){0};
    (void)H5Eget_auto2(H5E_DEFAULT, &session->print, &session->print_context);
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    (void)H5PLget_loading_state(&session->plugins);
    (void)H5PLset_loading_state(0);
}

void strata_hdf5_session_end(const struct strata_hdf5_session *session)
{
    (void)H5PLset_loading_state(session->plugins);
    (void)H5Eset_auto2(H5E_DEFAULT, session->print, session->print_context);
}

static herr_t collect_reason(unsigned n, const H5E_error2_t *entry, void *context)
{
    (void)n;
    struct reason *reason = context;
    const char *text = entry->desc ? entry->desc : "";
    if (!reason->is_known) {
        reason->is_known = true;
        reason->is_memory = (entry->maj_num == H5E_RESOURCE && entry->min_num == H5E_NOSPACE) ||
                            (entry->maj_num == H5E_CACHE && entry->min_num == H5E_CANTALLOC);
        (void)snprintf(reason->text, sizeof reason->text, "%s", text);
    }
    const char *number = strstr(text, "errno = ");
    if (number && !reason->os_error)
        reason->os_error = atoi(number + strlen("errno = "));
    return 0;
}

static struct reason reason_of_last_failure(int os_error)
{
    struct reason reason = {.os_error = os_error};
    (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect_reason, &reason);
    reason.is_memory = reason.is_memory && !reason.os_error;
    if (reason.os_error)
        (void)snprintf(reason.text, sizeof reason.text, "%s", strerror(reason.os_error));
    else if (!reason.is_known)
        (void)snprintf(reason.text, sizeof reason.text, "HDF5 gave no reason");
    return reason;
}

enum strata_status strata_hdf5_fail_write(struct strata_error *err, const char *path, const char *what, int os_error)
{
    struct reason reason = reason_of_last_failure(os_error);
    const char *colon = what ? ": " : "";
    what = what ? what : "";
    if (reason.is_memory)
        return strata_fail(err, STRATA_MEMORY, "out of memory writing %s%s%s (%s)", path, colon, what, reason.text);
    if (reason.os_error == ENOSPC || reason.os_error == EDQUOT)
        return strata_fail(err, STRATA_IO,
                           "disk full: cannot write %s%s%s: %s; an earlier snapshot there is untouched; free some "
                           "space and run again",
                           path, colon, what, reason.text);
    return strata_fail(err, STRATA_IO, "cannot write %s%s%s: %s; an earlier snapshot there is untouched", path, colon,
                       what, reason.text);
}

static enum strata_status fail_read(struct strata_error *err, const char *path, const char *what, bool is_input)
{
    struct reason reason = reason_of_last_failure(0);
    if (reason.is_memory)
        return strata_fail(err, STRATA_MEMORY, "out of memory reading %s: %s (%s)", path, what, reason.text);
    if (is_input && !reason.os_error)
        return strata_fail(err, STRATA_REJECTED, "%s is damaged: %s: %s", path, what, reason.text);
    return strata_fail(err, STRATA_IO, "cannot read %s: %s: %s", path, what, reason.text);
}

enum strata_status strata_hdf5_fail_read(struct strata_error *err, const char *path, const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return fail_read(err, path, what, false);
}

enum strata_status strata_hdf5_fail_input(struct strata_error *err, const char *path, const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return fail_read(err, path, what, true);
}

herr_t strata_hdf5_disable_locks(hid_t access_properties)
{
#if H5_VERSION_GE(1, 12, 1) || (H5_VERS_MINOR == 10 && H5_VERS_RELEASE >= 7)
    return H5Pset_file_locking(access_properties, false, true);
#else
    (void)access_properties;
    return 0;
#endif
}
