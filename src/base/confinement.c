#include "confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

/* Reading, memory, time and ends, as libraries, the C library and sanitizers ask for them. */
static const unsigned allowed[] = {
    SYS_read,
    SYS_pread64,
    SYS_readv,
    SYS_preadv,
    SYS_lseek,
    SYS_fstat,
    SYS_fstatfs,
    SYS_statfs,
    SYS_statx,
    SYS_getcwd,
    SYS_readlinkat,
    SYS_faccessat,
    SYS_close,
    SYS_write,
    SYS_recvfrom,
    SYS_sendto,
    SYS_ppoll,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_brk,
    SYS_futex,
    SYS_sched_yield,
    SYS_nanosleep,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_gettimeofday,
    SYS_getrusage,
    SYS_getrlimit,
    SYS_setrlimit,
    SYS_getpid,
    SYS_gettid,
    SYS_getrandom,
    SYS_sigaltstack,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_restart_syscall,
    SYS_exit,
    SYS_exit_group,
    SYS_getuid,
    SYS_geteuid,
    SYS_uname,
    SYS_sysinfo,
    SYS_sched_getaffinity,
    SYS_fcntl,
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef SYS_stat
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_poll,
    SYS_time,
#endif
};

enum { N_ALLOWED = sizeof allowed / sizeof *allowed, MOST_STEPS = 2 * N_ALLOWED + 32 };

struct program {
    struct sock_filter step[MOST_STEPS];
    unsigned short n;
};

static void add(struct program *program, struct sock_filter step) { program->step[program->n++] = step; }

static void load(struct program *program, size_t offset)
{
    add(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void end(struct program *program, unsigned verdict)
{
    add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

/* If the loaded number is `value`, the verdict; else on. */
static void end_if(struct program *program, unsigned value, unsigned verdict)
{
    add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    end(program, verdict);
}

static size_t low_half_of_argument(int n)
{
    return offsetof(struct seccomp_data, args) + (size_t)n * sizeof(__u64) +
           (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(__u32) : 0);
}

/* The call with this number: allowed if its argument has none of these bits. */
static void allow_without(struct program *program, unsigned number, int argument, unsigned bits)
{
    load(program, offsetof(struct seccomp_data, nr));
    add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4));
    load(program, low_half_of_argument(argument));
    add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
    end(program, SECCOMP_RET_ERRNO | EPERM);
    end(program, SECCOMP_RET_ALLOW);
}

/* abort() sends a signal to its own process. */
static void allow_own_signals(struct program *program)
{
    load(program, offsetof(struct seccomp_data, nr));
    add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3));
    load(program, low_half_of_argument(0));
    end_if(program, (unsigned)getpid(), SECCOMP_RET_ALLOW);
}

void strata_confine_process(void)
{
    struct program program = {.n = 0};
    const unsigned writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
    load(&program, offsetof(struct seccomp_data, arch));
    add(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    end(&program, SECCOMP_RET_ERRNO | EPERM);
    load(&program, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < N_ALLOWED; ++i)
        end_if(&program, allowed[i], SECCOMP_RET_ALLOW);
    allow_own_signals(&program);
    allow_without(&program, SYS_prlimit64, 0, ~0u); /* of other processes */
    allow_without(&program, SYS_openat, 2, writing);
#ifdef SYS_open
    allow_without(&program, SYS_open, 1, writing);
#endif
    end(&program, SECCOMP_RET_ERRNO | EPERM);
    const struct sock_fprog filter = {.len = program.n, .filter = program.step};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

#else

void strata_confine_process(void) {}

#endif
