// Starting an init in a pid namespace of its own, and ending it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

void nap(int64_t nanoseconds) {
    struct timespec time = {nanoseconds / SECOND, nanoseconds % SECOND};
    nanosleep(&time, NULL);
}

// The namespaces end with their inits. Safe in a signal handler.
void kill_all(void) {
    for (int i = 0; i < contestants_count; i++)
        if (contestants[i].pid > 0)
            kill(contestants[i].pid, SIGKILL);
}

void fail(const char *what) {
    fprintf(stderr, "driver: %s: %s\n", what, strerror(errno));
    kill_all();
    exit(1);
}

void prepare(struct contestant *one) {
    one->memory = memfd_create("shared", MFD_CLOEXEC);
    if (one->memory < 0 || ftruncate(one->memory, sizeof *one->shared) != 0)
        fail("memfd");
    int protection = PROT_READ | PROT_WRITE;
    one->shared = mmap(NULL, sizeof *one->shared, protection, MAP_SHARED | MAP_POPULATE, one->memory, 0);
    if (one->shared == MAP_FAILED || pipe2(one->answers, O_CLOEXEC) != 0)
        fail("shared memory or a pipe");
}

static _Noreturn void become(struct contestant *one, char **arguments, int gate) {
    static char *environment[] = {"PATH=/usr/bin:/bin", NULL};
    struct rusage usage;
    sigset_t none;
    char byte;
    int sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGALRM, SIG_DFL);
    setsid();
    dup2(one->memory, STDIN_FILENO);
    dup2(one->answers[1], STDOUT_FILENO);
    dup2(sink, STDERR_FILENO);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (gate >= 0 && read(gate, &byte, 1) != 1)
        _exit(125);
    getrusage(RUSAGE_SELF, &usage);
    one->shared->faults = (uint64_t)usage.ru_minflt;
    one->shared->executed = (uint64_t)now();
    execve(arguments[0], arguments, environment);
    _exit(125);
}

// `gate`: a descriptor from which a byte is read before the init is executed, or -1.
void start(struct contestant *one, const char *mode, int count, int pause, int gate) {
    char counted[16], paused[16];
    char *arguments[64];
    int length = 0;
    snprintf(counted, sizeof counted, "%d", count);
    snprintf(paused, sizeof paused, "%d", pause);
    for (int i = 0; i < one->words && length < 56; i++)
        arguments[length++] = one->command[i];
    char *rest[] = {program, (char *)mode, counted, paused, NULL};
    memcpy(arguments + length, rest, sizeof rest);
    memset(one->shared, 0, offsetof(struct shared, latency));
    one->pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    if (one->pid == 0)
        become(one, arguments, gate);
    if (one->pid < 0)
        fail("a pid namespace");
}

int start_and_await(struct contestant *one, const char *mode, int count, int pause, int gate) {
    start(one, mode, count, pause, gate);
    if (wait_for(&one->shared->ready))
        return 1;
    fault(one, "the program does not run");
    kill_and_reap(one);
    return 0;
}

int kill_and_reap(struct contestant *one) {
    int status = -1;
    if (one->pid <= 0)
        return status;
    kill(one->pid, SIGKILL);
    while (waitpid(one->pid, &status, 0) < 0 && errno == EINTR) {}
    one->pid = 0;
    return status;
}
