// What is counted: an init's system calls, by strace, and its memory, which is read by who runs the driver.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"

static pid_t attach(struct contestant *one, const char *file) {
    char pid[16];
    snprintf(pid, sizeof pid, "%d", one->pid);
    pid_t tracer = fork();
    if (tracer == 0) {
        int sink = open("/dev/null", O_RDWR | O_CLOEXEC);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(sink, STDIN_FILENO);
        dup2(sink, STDOUT_FILENO);
        dup2(sink, STDERR_FILENO);
        execlp("strace", "strace", "-q", "-e", "signal=none", "-o", file, "-p", pid, (char *)NULL);
        _exit(127);
    }
    for (int64_t deadline = now() + 10 * SECOND; !is_traced(one->pid) && now() < deadline;)
        nap(SECOND / 1000);
    return tracer;
}

// Puts the load on an init that waits at its gate; what it needs to be ready is part of every trace.
static int load_it(struct contestant *one, const char *load, int count) {
    int64_t there, back;
    if (strcmp(load, "run") == 0)
        return 1;
    if (!wait_for(&one->shared->ready))
        return 0;
    wait_for_state(one->pid, 'S');
    if (strcmp(load, "signals") == 0) {
        for (int i = 0; i < count; i++)
            if (!ping(one, &there, &back))
                return 0;
        return kill(one->pid, SIGTERM) == 0;
    }
    if (strcmp(load, "lone") == 0) {
        one->shared->go = 1;
    } else {
        if (!freeze(one, count))
            return 0;
        kill(one->pid, SIGCONT);
        if (!wait_for_children(one->pid, 1))
            return 0;
    }
    one->shared->stop = 1;
    return wait_for(&one->shared->done) && !one->shared->failed;
}

// Writes one file a contestant: FOLDER/NAME.LOAD.COUNT.
void trace(const char *load, int count, const char *folder) {
    for (int i = 0; i < contestants_count; i++) {
        struct contestant *one = &contestants[i];
        int gate[2], status;
        char file[512];
        snprintf(file, sizeof file, "%s/%s.%s.%d", folder, one->name, load, count);
        if (pipe2(gate, O_CLOEXEC) != 0)
            fail("pipe");
        // Between two lone orphans the traced init, which is slow, must get back to its wait.
        start(one, load, count, 4000, gate[0]);
        pid_t tracer = attach(one, file);
        if (!is_traced(one->pid))
            fault(one, "strace does not attach");
        if (write(gate[1], "", 1) != 1 || !load_it(one, load, count) || !wait_for_state(one->pid, 'Z')) {
            fault(one, "it was not traced to its end");
            kill(tracer, SIGKILL);
        }
        kill_and_reap(one);
        waitpid(tracer, &status, 0);
        close(gate[0]);
        close(gate[1]);
    }
}

// All of them at once, idle, until standard input is closed: prints "held CONTESTANT PID FAULTS-BEFORE-EXECVE".
void hold(int seconds) {
    for (int i = 0; i < contestants_count; i++)
        if (start_and_await(&contestants[i], "hold", 0, 0, -1))
            printf("held %s %d %llu\n", contestants[i].name, contestants[i].pid,
                   (unsigned long long)contestants[i].shared->faults);
    printf("ready\n");
    fflush(stdout);
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    poll(&input, 1, seconds * 1000);
    kill_all();
    for (int i = 0; i < contestants_count; i++)
        kill_and_reap(&contestants[i]);
}
