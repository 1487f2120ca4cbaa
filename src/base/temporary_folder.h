/* A folder for temporary files that somebody else's code names and opens.
 *
 * A guardian removes it when this process is killed. It is locked for as long as it is open, too: should both be killed
 * at once, as with their control group, whoever next opens one in the same place removes those that nobody holds. The
 * kernel drops the lock with the process, so neither process numbers that are used again nor containers that share the
 * place can make a folder in use look left behind.
 */
#ifndef STRATA_BASE_TEMPORARY_FOLDER_H
#define STRATA_BASE_TEMPORARY_FOLDER_H

#include <stdbool.h>
#include <strata/status.h>

#include "guardian.h"

/* `{0}` is closed. */
struct strata_temporary_folder {
    bool is_open;
    int descriptor; /* holds the lock */
    char *path;     /* of the folder, owned */
    struct strata_guardian guardian;
};

/* Make a folder in `place` that only this user can look into. STRATA_IO if that takes none. */
enum strata_status strata_temporary_folder_open(struct strata_temporary_folder *folder, const char *place,
                                                struct strata_error *err) STRATA_MUST_USE;

/* Remove the folder and the files in it. */
void strata_temporary_folder_close(struct strata_temporary_folder *folder);

#endif
