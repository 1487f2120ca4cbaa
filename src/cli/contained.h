/* Work on a file of unknown origin in a process of its own: HDF5 is not safe against damaged or crafted files, and a
 * crash or an endless loop inside it shall end in a message. */
#ifndef STRATA_CLI_CONTAINED_H
#define STRATA_CLI_CONTAINED_H

/* The exit code of `work`, run in a child process with limited processor time; 5 and a message about `path` if a signal
 * ended it. No thread may have been started before. */
int cli_run_contained(int (*work)(void *context), void *context, const char *path);

#endif
