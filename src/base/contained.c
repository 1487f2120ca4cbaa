#include "contained.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "confinement.h"

enum { PROCESSOR_SECONDS = 20, PATIENCE_SECONDS = 120 };

static const uint64_t most_memory_bytes = (uint64_t)2 << 30;

void strata_contained_allow_time(void)
{
    struct rusage used;
    struct rlimit limit;
    if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0)
        return;
    rlim_t seconds = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + PROCESSOR_SECONDS + 1);
    limit.rlim_cur = seconds < limit.rlim_max ? seconds : limit.rlim_max;
    (void)setrlimit(RLIMIT_CPU, &limit);
}

/* What /proc/self/statm calls data: the memory that RLIMIT_DATA counts; 0 if it cannot be known. */
static rlim_t data_bytes(void)
{
    unsigned long long pages[6] = {0};
    FILE *file = fopen("/proc/self/statm", "re");
    int n = file ? fscanf(file, "%llu %llu %llu %llu %llu %llu", &pages[0], &pages[1], &pages[2], &pages[3], &pages[4],
                          &pages[5])
                 : 0;
    if (file)
        (void)fclose(file);
    return n == 6 ? (rlim_t)pages[5] * (rlim_t)sysconf(_SC_PAGESIZE) : 0;
}

/* Memory beyond what the process has when the child begins. A sanitizer takes more than the work does. */
static rlim_t memory_limit(uint64_t memory_bytes)
{
#if defined(__SANITIZE_ADDRESS__)
    memory_bytes = 0;
#endif
    return (rlim_t)(memory_bytes && memory_bytes < most_memory_bytes ? memory_bytes : most_memory_bytes);
}

static void limit_resources(uint64_t memory_bytes)
{
    const struct rlimit no_core = {0, 0};
    rlim_t data = data_bytes();
    struct rlimit memory;
    (void)setrlimit(RLIMIT_CORE, &no_core);
    if (data && getrlimit(RLIMIT_DATA, &memory) == 0) {
        rlim_t most = data + memory_limit(memory_bytes);
        memory.rlim_cur = most < memory.rlim_max ? most : memory.rlim_max;
        memory.rlim_max = memory.rlim_cur;
        (void)setrlimit(RLIMIT_DATA, &memory);
    }
    strata_contained_allow_time();
}

/* Handlers of the program that uses the library are not for what happens here. */
static void reset_signals(void)
{
#if !defined(__SANITIZE_ADDRESS__)
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU, SIGTERM};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; ++i)
        (void)signal(signals[i], SIG_DFL);
#endif
}

/* Standard output is for what the program says, not for the child. */
static void mute(void)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)dup2(nowhere, STDIN_FILENO);
    (void)dup2(nowhere, STDOUT_FILENO);
}

/* Descriptors first..last. */
static void close_range_of(unsigned first, unsigned last)
{
#ifdef SYS_close_range
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
#endif
    const long most = sysconf(_SC_OPEN_MAX);
    for (unsigned descriptor = first; descriptor <= last && (long)descriptor < most; ++descriptor)
        (void)close((int)descriptor);
}

/* Those that the child has no business with: among them locks and connections that end with the last holder. */
static void close_others(int one, int other)
{
    unsigned low = (unsigned)(one < other ? one : other), high = (unsigned)(one < other ? other : one);
    close_range_of(STDERR_FILENO + 1, low - 1);
    close_range_of(low + 1, high - 1);
    close_range_of(high + 1, ~0u);
}

static void run_child(strata_contained_work *work, void *context, int socket, int descriptor, uint64_t memory_bytes,
                      pid_t parent)
{
    struct strata_wire wire;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        return;
    mute();
    close_others(socket, descriptor < 0 ? socket : descriptor);
    reset_signals();
    limit_resources(memory_bytes);
    strata_confine_process();
    if (strata_wire_init(&wire, socket, NULL) != STRATA_OK)
        return;
    work(context, &wire);
    strata_wire_receive(&wire);
}

enum strata_status strata_contained_start(struct strata_contained *contained, strata_contained_work *work,
                                          void *context, int descriptor, const char *path, uint64_t memory_bytes,
                                          struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int ends[2] = {-1, -1};
    pid_t parent = getpid();
    *contained = (struct strata_contained){.path = path};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot start a process to read %s: %s", path, strerror(errno));
    STRATA_TRY(strata_wire_init(&contained->wire, ends[0], err));
    contained->wire.patience_seconds = PATIENCE_SECONDS;
    contained->child = fork();
    if (contained->child == 0) {
        (void)close(ends[0]);
        run_child(work, context, ends[1], descriptor, memory_bytes, parent);
        _exit(0);
    }
    if (contained->child < 0) {
        contained->child = 0;
        STRATA_GIVE_UP(err, STRATA_IO, "cannot start a process to read %s: %s", path, strerror(errno));
    }
done:
    if (ends[1] >= 0)
        (void)close(ends[1]);
    if (status != STRATA_OK) {
        strata_wire_release(&contained->wire);
        if (ends[0] >= 0)
            (void)close(ends[0]);
        *contained = (struct strata_contained){0};
    }
    return status;
}

static int reap(struct strata_contained *contained)
{
    int state = 0;
    pid_t ended;
    do
        ended = waitpid(contained->child, &state, 0);
    while (ended < 0 && errno == EINTR);
    contained->child = 0;
    return ended < 0 ? 0 : state;
}

/* The wire has broken: why? */
static enum strata_status explain_end(struct strata_contained *contained, struct strata_error *err)
{
    (void)shutdown(contained->wire.descriptor, SHUT_RDWR);
    int state = contained->child ? reap(contained) : 0;
    if (!WIFSIGNALED(state))
        return strata_fail(err, STRATA_REJECTED, "%s is damaged or hostile: reading it ended early", contained->path);
    if (WTERMSIG(state) == SIGXCPU)
        return strata_fail(err, STRATA_REJECTED,
                           "%s is damaged or hostile: one piece of it took more than %d s of processor time",
                           contained->path, PROCESSOR_SECONDS);
    if (WTERMSIG(state) == SIGKILL || WTERMSIG(state) == SIGTERM)
        return strata_fail(err, STRATA_IO, "the process that read %s was ended from outside by signal %d (%s)",
                           contained->path, WTERMSIG(state), strsignal(WTERMSIG(state)));
    return strata_fail(err, STRATA_REJECTED, "%s is damaged or hostile: reading it ended with signal %d (%s)",
                       contained->path, WTERMSIG(state), strsignal(WTERMSIG(state)));
}

enum strata_status strata_contained_check(struct strata_contained *contained, struct strata_error *err)
{
    switch (contained->wire.status) {
    case STRATA_OK: return STRATA_OK;
    case STRATA_MEMORY: return strata_fail(err, STRATA_MEMORY, "out of memory to read %s", contained->path);
    case STRATA_BUSY:
        return strata_fail(err, STRATA_REJECTED, "%s is damaged or hostile: one piece of it took more than %d s",
                           contained->path, PATIENCE_SECONDS);
    case STRATA_REJECTED:
        return strata_fail(err, STRATA_REJECTED, "%s is damaged or hostile: reading it gave what cannot be",
                           contained->path);
    default: return explain_end(contained, err);
    }
}

void strata_contained_stop(struct strata_contained *contained)
{
    if (contained->wire.buffer) {
        (void)close(contained->wire.descriptor);
        strata_wire_release(&contained->wire);
    }
    if (contained->child > 0) {
        (void)kill(contained->child, SIGKILL);
        (void)reap(contained);
    }
    *contained = (struct strata_contained){0};
}
