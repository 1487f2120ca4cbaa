#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contained.h"

static struct strata_error err;

/* Everything that passes, with values at the bounds. */
struct values {
    uint64_t number;
    int64_t negative;
    double real;
    bool is;
    size_t size;
    int within;
    char *text, *none;
    char **texts;
    void *array;
};

enum { N_ARRAY = 200000 };

static void pass_values(struct values *values, struct strata_wire *wire)
{
    strata_wire_pass_u64(wire, &values->number);
    strata_wire_pass_i64(wire, &values->negative);
    strata_wire_pass_double(wire, &values->real);
    strata_wire_pass_bool(wire, &values->is);
    strata_wire_pass_size(wire, &values->size, 7);
    strata_wire_pass_int(wire, &values->within, -3, 3);
    strata_wire_pass_text(wire, &values->text, 10);
    strata_wire_pass_text(wire, &values->none, 10);
    strata_wire_pass_texts(wire, &values->texts, 2, 10);
    strata_wire_pass_array(wire, &values->array, N_ARRAY, sizeof(int));
}

static void release_values(struct values *values)
{
    for (int i = 0; values->texts && i < 2; ++i)
        free(values->texts[i]);
    free(values->texts);
    free(values->text);
    free(values->none);
    free(values->array);
}

static void send_values(void *context, struct strata_wire *wire)
{
    char two[][4] = {"a", ""};
    char *texts[] = {two[0], two[1]};
    int *array = malloc(N_ARRAY * sizeof *array);
    for (int i = 0; i < N_ARRAY; ++i)
        array[i] = i;
    struct values values = {UINT64_MAX, INT64_MIN, -0.5, true, 7, -3, (char *)"ten bytes!", NULL, texts, array};
    (void)context;
    strata_wire_send(wire);
    pass_values(&values, wire);
    free(array);
}

Test(contained, values_come_through)
{
    struct strata_contained contained;
    struct values values = {0};
    cr_assert_eq(strata_contained_start(&contained, send_values, NULL, -1, "f.h5", 0, &err), STRATA_OK, "%s",
                 err.message);
    pass_values(&values, &contained.wire);
    cr_assert_eq(strata_contained_check(&contained, &err), STRATA_OK, "%s", err.message);
    cr_expect_eq(values.number, UINT64_MAX);
    cr_expect_eq(values.negative, INT64_MIN);
    cr_expect_float_eq(values.real, -0.5, 0);
    cr_expect(values.is);
    cr_expect_eq(values.size, 7);
    cr_expect_eq(values.within, -3);
    cr_expect_str_eq(values.text, "ten bytes!");
    cr_expect_null(values.none);
    cr_expect_str_eq(values.texts[0], "a");
    cr_expect_str_eq(values.texts[1], "");
    const int *array = values.array;
    for (int i = 0; i < N_ARRAY; ++i)
        cr_assert_eq(array[i], i);
    strata_contained_stop(&contained);
    release_values(&values);
}

/* What the child does, how the parent takes it. */
static void expect_failure(strata_contained_work *work, int patience_seconds, enum strata_status status,
                           const char *message)
{
    struct strata_contained contained;
    uint64_t value = 5;
    cr_assert_eq(strata_contained_start(&contained, work, NULL, -1, "f.h5", 0, &err), STRATA_OK, "%s", err.message);
    contained.wire.patience_seconds = patience_seconds;
    strata_wire_pass_u64(&contained.wire, &value);
    cr_expect_eq(value, 0);
    cr_expect_eq(strata_contained_check(&contained, &err), status, "%s", err.message);
    cr_expect_str_eq(err.message, message);
    strata_contained_stop(&contained);
    cr_expect(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "the child is still there");
}

static void crash(void *context, struct strata_wire *wire)
{
    (void)context;
    (void)wire;
    (void)signal(SIGSEGV, SIG_DFL);
    (void)raise(SIGSEGV);
}

static void loop(void *context, struct strata_wire *wire)
{
    const struct rlimit second = {1, 10};
    (void)context;
    (void)wire;
    (void)setrlimit(RLIMIT_CPU, &second);
    for (volatile unsigned i = 0;; ++i)
        ;
}

static void wait_on(void *context, struct strata_wire *wire)
{
    uint64_t value = 0;
    (void)context;
    strata_wire_pass_u64(wire, &value);
}

static void leave(void *context, struct strata_wire *wire)
{
    (void)context;
    (void)wire;
}

static void lie(void *context, struct strata_wire *wire)
{
    unsigned char noise[64];
    (void)context;
    memset(noise, 0xFF, sizeof noise);
    strata_wire_send(wire);
    strata_wire_pass_bytes(wire, noise, sizeof noise);
}

Test(contained, what_goes_wrong_in_the_child_is_an_error)
{
    expect_failure(crash, 60, STRATA_REJECTED,
                   "f.h5 is damaged or hostile: reading it ended with signal 11 (Segmentation fault)");
    expect_failure(loop, 60, STRATA_REJECTED,
                   "f.h5 is damaged or hostile: one piece of it took more than 20 s of processor time");
    expect_failure(wait_on, 1, STRATA_REJECTED, "f.h5 is damaged or hostile: one piece of it took more than 120 s");
    expect_failure(leave, 60, STRATA_REJECTED, "f.h5 is damaged or hostile: reading it ended early");
}

Test(contained, received_values_are_within_their_bounds)
{
    struct strata_contained contained;
    struct values values = {0};
    cr_assert_eq(strata_contained_start(&contained, lie, NULL, -1, "f.h5", 0, &err), STRATA_OK);
    pass_values(&values, &contained.wire);
    cr_expect_eq(strata_contained_check(&contained, &err), STRATA_REJECTED);
    cr_expect_str_eq(err.message, "f.h5 is damaged or hostile: reading it gave what cannot be");
    cr_expect_eq(values.size, 0);
    cr_expect_null(values.text);
    cr_expect_null(values.texts);
    cr_expect_null(values.array);
    strata_contained_stop(&contained);
}

/* 0 for what worked, else the error; in the order of these. */
enum { SOCKET, WRITE_FILE, READ_FILE, FORK, KILL, OTHER_DESCRIPTOR, OWN_DESCRIPTOR, N_TRIED };

struct attempt {
    int other, own;
    pid_t parent;
};

static void try_out(void *context, struct strata_wire *wire)
{
    const struct attempt *attempt = context;
    char byte;
    int error[N_TRIED] = {
        [SOCKET] = socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0,
        [WRITE_FILE] = open("/tmp", O_TMPFILE | O_WRONLY, 0600) < 0 ? errno : 0,
        [READ_FILE] = open("/dev/null", O_RDONLY) < 0 ? errno : 0,
        [KILL] = kill(attempt->parent, 0) < 0 ? errno : 0,
        [OTHER_DESCRIPTOR] = read(attempt->other, &byte, 1) < 0 ? errno : 0,
        [OWN_DESCRIPTOR] = read(attempt->own, &byte, 1) < 0 ? errno : 0,
    };
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    error[FORK] = child < 0 ? errno : 0;
    strata_wire_send(wire);
    strata_wire_pass_bytes(wire, error, sizeof error);
}

Test(contained, the_child_can_read_and_nothing_else)
{
    struct strata_contained contained;
    int error[N_TRIED];
    struct attempt attempt = {.other = open("/dev/zero", O_RDONLY),
                              .own = open("/dev/zero", O_RDONLY),
                              .parent = getpid()};
    cr_assert_eq(strata_contained_start(&contained, try_out, &attempt, attempt.own, "f.h5", 0, &err), STRATA_OK);
    strata_wire_pass_bytes(&contained.wire, error, sizeof error);
    cr_assert_eq(strata_contained_check(&contained, &err), STRATA_OK, "%s", err.message);
    strata_contained_stop(&contained);
    (void)close(attempt.other);
    (void)close(attempt.own);
    cr_expect_eq(error[OTHER_DESCRIPTOR], EBADF);
    cr_expect_eq(error[OWN_DESCRIPTOR], 0);
    cr_expect_eq(error[READ_FILE], 0);
    if (error[SOCKET] == 0)
        cr_skip("skipped: this kernel confines no process");
    cr_expect_eq(error[SOCKET], EPERM);
    cr_expect_eq(error[WRITE_FILE], EPERM);
    cr_expect_eq(error[FORK], EPERM);
    cr_expect_eq(error[KILL], EPERM);
}

static void ask_for_memory(void *context, struct strata_wire *wire)
{
    bool is_given = true;
    (void)context;
    for (size_t gigabytes = 0; is_given && gigabytes < 8; ++gigabytes)
        is_given = malloc((size_t)1 << 30);
    strata_wire_send(wire);
    strata_wire_pass_bool(wire, &is_given);
}

Test(contained, memory_ends)
{
    struct strata_contained contained;
    bool is_given = true;
    cr_assert_eq(strata_contained_start(&contained, ask_for_memory, NULL, -1, "f.h5", 0, &err), STRATA_OK);
    strata_wire_pass_bool(&contained.wire, &is_given);
    enum strata_status status = strata_contained_check(&contained, &err);
    strata_contained_stop(&contained);
    /* A sanitizer ends the process instead. */
    cr_expect(status != STRATA_OK || !is_given);
}

#if !defined(__SANITIZE_ADDRESS__)
static void count_memory(void *context, struct strata_wire *wire)
{
    int n_given = 0;
    (void)context;
    while (n_given < 64 && malloc((size_t)1 << 20))
        ++n_given;
    strata_wire_send(wire);
    strata_wire_pass_int(wire, &n_given, 0, 64);
}

Test(contained, memory_is_what_the_caller_says)
{
    struct strata_contained contained;
    int n_given = 0;
    cr_assert_eq(strata_contained_start(&contained, count_memory, NULL, -1, "f.h5", 8 << 20, &err), STRATA_OK);
    strata_wire_pass_int(&contained.wire, &n_given, 0, 64);
    cr_assert_eq(strata_contained_check(&contained, &err), STRATA_OK);
    strata_contained_stop(&contained);
    cr_expect(n_given >= 5 && n_given <= 8, "%d", n_given);
}
#endif

static enum strata_status read_badly(void *result, struct strata_error *error)
{
    (void)result;
    return strata_fail(error, STRATA_IO, "cannot read that");
}

static void pass_nothing(void *result, struct strata_wire *wire)
{
    (void)result;
    (void)wire;
}

Test(contained, an_error_of_the_child_is_the_parents)
{
    const struct strata_contained_reading reading = {"f.h5", NULL, read_badly, pass_nothing};
    cr_expect_eq(strata_contained_read(&reading, &err), STRATA_IO);
    cr_expect_str_eq(err.message, "cannot read that");
}
