/* What a process may still ask of the kernel once it reads what it does not trust. */
#ifndef STRATA_BASE_CONFINEMENT_H
#define STRATA_BASE_CONFINEMENT_H

/* For this process and for good: it may use the descriptors that it has, open files for reading, and have memory;
 * everything else fails with EPERM. Where the kernel or the system has no seccomp, or runs for another processor,
 * nothing happens. */
void strata_confine_process(void);

#endif
