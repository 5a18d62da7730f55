// driver SUBJECT ROUNDS COUNT SECONDS PROGRAM EXTRA -- NAME INIT... [::: NAME INIT...]
//
// Measures one subject, at most so many seconds. benches/run.py runs it and makes sense of what it prints.
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "driver.h"

struct contestant contestants[MOST_CONTESTANTS];
int contestants_count;
char *program;

static void time_is_up(int signal) {
    (void)signal;
    static const char text[] = "driver: it took too long\n";
    kill_all();
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(4);
    _exit(3);
}

// One CPU for all: neither the caches nor the way a wake-up takes between CPUs are an init's doing. Round robin: nothing of
// ordinary priority comes between, and an init that spins cannot keep the driver from ending it.
static void keep_others_out(void) {
    cpu_set_t allowed, last;
    struct sched_param priority = {.sched_priority = 10};
    CPU_ZERO(&last);
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
            if (CPU_ISSET(cpu, &allowed)) {
                CPU_SET(cpu, &last);
                break;
            }
    if (sched_setaffinity(0, sizeof last, &last) != 0)
        perror("driver: no CPU for itself");
    if (sched_setscheduler(0, SCHED_RR, &priority) != 0)
        perror("driver: ordinary priority");
}

int main(int argc, char **argv) {
    if (argc < 9 || strcmp(argv[7], "--") != 0) {
        fprintf(stderr, "usage: driver SUBJECT ROUNDS COUNT SECONDS PROGRAM EXTRA -- NAME INIT... [::: NAME INIT...]\n");
        return 1;
    }
    const char *subject = argv[1];
    int rounds = atoi(argv[2]), count = atoi(argv[3]);
    program = argv[5];
    for (int i = 8; i < argc && contestants_count < MOST_CONTESTANTS; i++) {
        struct contestant *one = &contestants[contestants_count++];
        one->name = argv[i++];
        one->command = argv + i;
        for (; i < argc && strcmp(argv[i], ":::") != 0; i++)
            one->words++;
        prepare(one);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGALRM, time_is_up);
    alarm((unsigned)atoi(argv[4]));
    srandom((unsigned)now());
    if (strcmp(subject, "trace") == 0) {
        trace(argv[6], count, getenv("TRACES"));
    } else if (strcmp(subject, "hold") == 0) {
        hold(count);
    } else {
        keep_others_out();
        if (strcmp(subject, "start") == 0)
            measure_start(rounds);
        else if (strcmp(subject, "signals") == 0)
            measure_signals(rounds, count);
        else if (strcmp(subject, "orphans") == 0)
            measure_orphans(rounds, count);
        else if (strcmp(subject, "waiting") == 0)
            measure_waiting(rounds, count);
        else if (strcmp(subject, "leftovers") == 0)
            measure_leftovers(rounds, count);
        else
            fail(subject);
    }
    return 0;
}
