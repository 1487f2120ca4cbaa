#include "memory_budget.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_PATH = 4096 };

static void lower(struct strata_memory_budget *budget, uint64_t n_bytes, const char *source)
{
    if (n_bytes && (!budget->n_bytes || n_bytes < budget->n_bytes))
        *budget = (struct strata_memory_budget){.n_bytes = n_bytes, .source = source};
}

/* A whole number of units of 2^shift bytes; 0 for anything else, and for more than fits. */
static uint64_t parse_bytes(const char *text, int shift)
{
    if (!text || *text < '0' || *text > '9')
        return 0;
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end && *end != '\n')
        return 0;
    return value > UINT64_MAX >> shift ? 0 : (uint64_t)value << shift;
}

/* The limit in `file` of a control group, and of every group above it up to the root of the hierarchy. */
static void lower_to_group(struct strata_memory_budget *budget, const char *hierarchy, const char *group,
                           const char *file)
{
    char path[MOST_PATH], text[64];
    size_t n = strlen(group);
    for (;;) {
        while (n && group[n - 1] == '/')
            --n;
        if (snprintf(path, sizeof path, "%s%.*s/%s", hierarchy, (int)n, group, file) < (int)sizeof path) {
            FILE *in = fopen(path, "re");
            if (in && fgets(text, sizeof text, in))
                lower(budget, parse_bytes(text, 0), "the memory of the control group");
            if (in)
                (void)fclose(in);
        }
        if (!n)
            return;
        while (n && group[n - 1] != '/')
            --n;
    }
}

static bool names_memory(const char *controllers, size_t n)
{
    for (const char *at = controllers, *end = controllers + n; at < end; at += strcspn(at, ",:") + 1)
        if (strncmp(at, "memory", 6) == 0 && (at[6] == ',' || at[6] == ':'))
            return true;
    return false;
}

/* /proc/self/cgroup has lines "0::GROUP" (version 2) and "N:CONTROLLER,...:GROUP" (version 1). */
static void lower_to_groups(struct strata_memory_budget *budget, const char *root)
{
    char path[MOST_PATH], line[MOST_PATH];
    if (snprintf(path, sizeof path, "%s/proc/self/cgroup", root) >= (int)sizeof path)
        return;
    FILE *in = fopen(path, "re");
    if (!in)
        return;
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        ++controllers;
        const bool is_version_2 = controllers == group;
        if (!is_version_2 && !names_memory(controllers, (size_t)(group - controllers)))
            continue;
        const char *folder = is_version_2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
        if (snprintf(path, sizeof path, "%s%s", root, folder) < (int)sizeof path)
            lower_to_group(budget, path, group + 1, is_version_2 ? "memory.max" : "memory.limit_in_bytes");
    }
    (void)fclose(in);
}

struct strata_memory_budget strata_memory_budget_find(const struct strata_memory_system *system)
{
    struct strata_memory_budget budget = {0};
    lower(&budget, system->physical_bytes / 5 * 4, "80 % of memory");
    lower_to_groups(&budget, system->root);
    static const char slurm[] = "the memory of the Slurm allocation";
    enum { MIB = 20 };
    lower(&budget, parse_bytes(system->variable("SLURM_MEM_PER_NODE"), MIB), slurm);
    uint64_t per_cpu = parse_bytes(system->variable("SLURM_MEM_PER_CPU"), MIB), product;
    if (!__builtin_mul_overflow(per_cpu, parse_bytes(system->variable("SLURM_CPUS_ON_NODE"), 0), &product))
        lower(&budget, product, slurm);
    return budget;
}

static const char *variable_here(const char *name) { return getenv(name); }

struct strata_memory_budget strata_memory_budget_here(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    const struct strata_memory_system system = {
        .root = "",
        .physical_bytes = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0,
        .variable = variable_here,
    };
    return strata_memory_budget_find(&system);
}
