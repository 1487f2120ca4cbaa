#include "guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a session of its own, signals of the terminal and to the group of this process do not end it. */
static bool spawn(struct strata_guardian *guardian, int end, const char *path)
{
    static const char script[] = "read -r word || exec rm -rf -- \"$0\"";
    char *const arguments[] = {(char *)"sh", (char *)"-c", (char *)script, (char *)path, NULL};
    char *const environment[] = {(char *)"PATH=/usr/bin:/bin", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    bool is_started = false;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    if (posix_spawnattr_init(&attributes) == 0) {
        is_started = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID) == 0 &&
                     posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO) == 0 &&
                     posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
                     posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
                     posix_spawn(&guardian->child, "/bin/sh", &actions, &attributes, arguments, environment) == 0;
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return is_started;
}

void strata_guardian_start(struct strata_guardian *guardian, const char *path)
{
    int ends[2];
    *guardian = (struct strata_guardian){0};
    /* Sockets, since to write into a closed pipe raises a signal. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return;
    if (spawn(guardian, ends[0], path)) {
        guardian->pipe = ends[1];
    } else {
        guardian->child = 0;
        (void)close(ends[1]);
    }
    (void)close(ends[0]);
}

void strata_guardian_stop(struct strata_guardian *guardian)
{
    static const char word[] = "done\n";
    if (!guardian->child)
        return;
    (void)send(guardian->pipe, word, sizeof word - 1, MSG_NOSIGNAL);
    (void)close(guardian->pipe);
    while (waitpid(guardian->child, NULL, 0) < 0 && errno == EINTR)
        ;
    *guardian = (struct strata_guardian){0};
}
