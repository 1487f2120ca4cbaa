/* How much memory a run may take if nobody says. */
#ifndef STRATA_BASE_MEMORY_BUDGET_H
#define STRATA_BASE_MEMORY_BUDGET_H

#include <stdint.h>

struct strata_memory_budget {
    uint64_t n_bytes;   /* 0: unknown, no limit */
    const char *source; /* where it comes from, such as "80 % of memory"; static */
};

/* Where the figures are looked up. */
struct strata_memory_system {
    const char *root;                          /* the folder that holds proc/ and sys/; "" for the system's own */
    uint64_t physical_bytes;                   /* 0: unknown */
    const char *(*variable)(const char *name); /* of the environment; NULL: not set */
};

/* The smallest of: 80 % of the physical memory; memory.max of the control group and of those above it (version 2), or
 * memory.limit_in_bytes (version 1); SLURM_MEM_PER_NODE, or SLURM_MEM_PER_CPU times SLURM_CPUS_ON_NODE (in MiB). What
 * cannot be read does not count. */
struct strata_memory_budget strata_memory_budget_find(const struct strata_memory_system *system);

/* The same for the system and the environment of the process. */
struct strata_memory_budget strata_memory_budget_here(void);

#endif
