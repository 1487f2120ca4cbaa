#include "memory_budget.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scratch.h"

enum { MIB = 1 << 20 };

static const char *none(const char *name)
{
    (void)name;
    return NULL;
}

static struct scratch scratch;

static void make_root(void) { scratch_make(&scratch); }
static void remove_root(void) { scratch_remove(&scratch); }

TestSuite(memory_budget, .init = make_root, .fini = remove_root);

/* A file under the root, with the folders above it. */
static void put(const char *name, const char *text)
{
    char *path = scratch_path(&scratch, name);
    for (char *at = path + strlen(scratch.path) + 1; (at = strchr(at, '/')) != NULL; ++at) {
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
    free(path);
    free(scratch_write_text(&scratch, name, text));
}

static struct strata_memory_budget find(uint64_t physical, const char *(*variable)(const char *))
{
    const struct strata_memory_system system = {scratch.path, physical, variable};
    return strata_memory_budget_find(&system);
}

Test(memory_budget, physical_memory_alone)
{
    struct strata_memory_budget budget = find(1000 * MIB, none);
    cr_assert_eq(budget.n_bytes, 800u * MIB);
    cr_assert_str_eq(budget.source, "80 % of memory");
}

Test(memory_budget, nothing_known_is_no_limit) { cr_assert_eq(find(0, none).n_bytes, 0u); }

Test(memory_budget, groups_of_version_2_and_those_above)
{
    put("proc/self/cgroup", "0::/batch/job/\n");
    put("sys/fs/cgroup/batch/job/memory.max", "max\n");
    cr_assert_eq(find(1000 * MIB, none).n_bytes, 800u * MIB);
    put("sys/fs/cgroup/batch/memory.max", "104857600\n");
    struct strata_memory_budget budget = find(1000 * MIB, none);
    cr_assert_eq(budget.n_bytes, 100u * MIB);
    cr_assert_str_eq(budget.source, "the memory of the control group");
    put("sys/fs/cgroup/memory.max", "52428800\n");
    cr_assert_eq(find(1000 * MIB, none).n_bytes, 50u * MIB);
    put("sys/fs/cgroup/memory.max", "99999999999999\n");
    cr_assert_eq(find(1000 * MIB, none).n_bytes, 100u * MIB);
    cr_assert_eq(find(100 * MIB, none).n_bytes, 80u * MIB);
}

Test(memory_budget, groups_of_version_1)
{
    put("proc/self/cgroup", "garbage\n12:memoryless:/x\n4:cpu,memory:/a\n3:cpuset:/b\n0::/\n");
    put("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "73400320\n");
    put("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1048576\n");
    put("sys/fs/cgroup/memory/b/memory.limit_in_bytes", "1048576\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    cr_assert_eq(find(1000 * MIB, none).n_bytes, 70u * MIB);
}

static const char *per_node(const char *name) { return strcmp(name, "SLURM_MEM_PER_NODE") == 0 ? "300" : NULL; }

static const char *per_cpu(const char *name)
{
    return strcmp(name, "SLURM_MEM_PER_CPU") == 0 ? "100" : strcmp(name, "SLURM_CPUS_ON_NODE") == 0 ? "4" : NULL;
}

static const char *no_cpus(const char *name) { return strcmp(name, "SLURM_MEM_PER_CPU") == 0 ? "100" : NULL; }

static const char *nonsense(const char *name)
{
    return strcmp(name, "SLURM_MEM_PER_NODE") == 0  ? "0"
           : strcmp(name, "SLURM_MEM_PER_CPU") == 0 ? "18446744073709551615"
                                                    : "4(x2)";
}

Test(memory_budget, slurm)
{
    struct strata_memory_budget budget = find(1000 * MIB, per_node);
    cr_assert_eq(budget.n_bytes, 300u * MIB);
    cr_assert_str_eq(budget.source, "the memory of the Slurm allocation");
    cr_assert_eq(find(1000 * MIB, per_cpu).n_bytes, 400u * MIB);
    cr_assert_eq(find(1000 * MIB, no_cpus).n_bytes, 800u * MIB);
    cr_assert_eq(find(1000 * MIB, nonsense).n_bytes, 800u * MIB);
}

Test(memory_budget, this_system_has_some)
{
    struct strata_memory_budget budget = strata_memory_budget_here();
    cr_assert(budget.n_bytes > MIB && budget.source);
}
