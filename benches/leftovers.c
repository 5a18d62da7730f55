// Both sides of leftovers.py: `time INIT... leftovers main COUNT` starts an init around the second and prints the nanoseconds from the
// main process's last word to the init's end.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORD = 3 };  // the descriptor of the pipe that the last word goes through

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "leftovers: %s: %s\n", what, strerror(errno));
    _exit(1);
}

// Starts `count` orphans that sleep until SIGTERM, ends them, sees the last of them go, says when that was, and ends.
static void run(int count) {
    int held[2], ready[2];
    char byte;
    sigset_t none, term;
    sigemptyset(&none);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    signal(SIGTERM, SIG_DFL);
    if (getpgrp() != getpid() || pipe(held) || pipe(ready))
        fail("no group of its own, or no pipe");
    for (int left = count; left > 0; left -= 100) {
        pid_t parent = fork();
        if (parent < 0)
            fail("fork");
        if (parent == 0) {
            for (int i = 0; i < 100 && i < left; i++) {
                pid_t child = fork();
                if (child < 0)
                    fail("fork");
                if (child == 0) {
                    sigprocmask(SIG_SETMASK, &none, NULL);
                    if (write(ready[1], "r", 1) != 1)
                        _exit(1);
                    for (;;)
                        pause();
                }
            }
            _exit(0);
        }
        waitpid(parent, NULL, 0);
    }
    for (int i = 0; i < count; i++)
        if (read(ready[0], &byte, 1) != 1)
            fail("an orphan is missing");
    close(held[1]);
    sigprocmask(SIG_BLOCK, &term, NULL);
    kill(0, SIGTERM);
    // Everyone holds the other end, so this returns with the end of the last one.
    if (read(held[0], &byte, 1) != 0)
        fail("the last end");
    int64_t last = now();
    if (write(WORD, &last, sizeof last) != sizeof last)
        fail("the last word");
    _exit(0);
}

static int drive(char **init) {
    int word[2], status;
    int64_t last;
    if (pipe(word))
        fail("pipe");
    pid_t pid = fork();
    if (pid == 0) {
        if (word[1] != WORD)
            dup2(word[1], WORD);
        execvp(init[0], init);
        fail(init[0]);
    }
    close(word[1]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        fail("wait");
    int64_t end = now();
    if (status != 0 || read(word[0], &last, sizeof last) != sizeof last)
        fail("the init failed");
    printf("%lld\n", (long long)(end - last));
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "main") == 0)
        run(atoi(argv[2]));
    if (argc > 2 && strcmp(argv[1], "time") == 0)
        return drive(argv + 2);
    fprintf(stderr, "usage: leftovers time INIT... | main COUNT\n");
    return 1;
}
