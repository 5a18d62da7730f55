// What takes time. In each round every contestant has its turn, in another order, so that whatever else the machine does
// hits all of them; the ratios are taken within a round.
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"

enum { WARM_UP = 15 };

static void report(const char *metric, const struct contestant *one, int round, int64_t value) {
    printf("%s %s %d %lld\n", metric, one->name, round, (long long)value);
}

void fault(const struct contestant *one, const char *what) {
    printf("fault %s %s\n", one->name, what);
}

static void shuffle(struct contestant **order) {
    for (int i = 0; i < contestants_count; i++)
        order[i] = &contestants[i];
    for (int i = contestants_count - 1; i > 0; i--) {
        int other = (int)(random() % (i + 1));
        struct contestant *moved = order[i];
        order[i] = order[other];
        order[other] = moved;
    }
}

#define EACH_IN_TURNS(one, round, first, rounds)                                        \
    struct contestant *order[MOST_CONTESTANTS], *one;                                   \
    for (int round = first; round < rounds; round++)                                    \
        for (int turn = (shuffle(order), 0); turn < contestants_count && (one = order[turn]); turn++)

void measure_start(int rounds) {
    // The first two rounds fill the page cache and are not counted.
    EACH_IN_TURNS(one, round, -2, rounds) {
        int status;
        start(one, "run", 0, 0, -1);
        pid_t ended = waitpid(one->pid, &status, 0);
        int64_t end = now();
        if (ended == one->pid)
            one->pid = 0;
        if (ended < 0 || status != 0 || one->shared->ended == 0) {
            fault(one, "the program did not run, or its status is not 0");
            kill_and_reap(one);
        } else if (round >= 0) {
            report("start", one, round, (int64_t)(one->shared->began - one->shared->executed));
            report("exit", one, round, end - (int64_t)one->shared->ended);
            report("run", one, round, end - (int64_t)one->shared->executed);
        }
    }
}

// One signal to the init, until the program has received it, and until its answer is here.
int ping(struct contestant *one, int64_t *there, int64_t *back) {
    struct pollfd answer = {.fd = one->answers[0], .events = POLLIN};
    char byte;
    int64_t sent = now();
    if (kill(one->pid, SIGUSR1) != 0 || poll(&answer, 1, 5000) != 1 || read(one->answers[0], &byte, 1) != 1)
        return 0;
    *back = now() - sent;
    *there = (int64_t)one->shared->seen - sent;
    return 1;
}

static int compare(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int64_t median(int64_t *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

static void measure_block(struct contestant *one, int round, int count) {
    int64_t there[LATENCIES], back[LATENCIES];
    for (int i = 0; i < WARM_UP; i++)
        if (!ping(one, there, back)) {
            fault(one, "a signal was lost");
            return;
        }
    wait_for_state(one->pid, 'S');
    int64_t before = cpu_time(one->pid);
    for (int i = 0; i < count; i++)
        if (!ping(one, &there[i], &back[i])) {
            fault(one, "a signal was lost");
            return;
        }
    wait_for_state(one->pid, 'S');
    report("signal_cpu", one, round, (cpu_time(one->pid) - before) / count);
    report("signal", one, round, median(there, count));
    report("round_trip", one, round, median(back, count));
}

void measure_signals(int rounds, int count) {
    if (count > LATENCIES)
        count = LATENCIES;
    for (int i = 0; i < contestants_count; i++)
        start_and_await(&contestants[i], "signals", 0, 0, -1);
    EACH_IN_TURNS(one, round, 0, rounds) {
        if (one->pid > 0)
            measure_block(one, round, count);
    }
    for (int i = 0; i < contestants_count; i++)
        kill_and_reap(&contestants[i]);
}

// Orphans that come alone: from an orphan's end until its pid is free.
void measure_orphans(int rounds, int count) {
    EACH_IN_TURNS(one, round, 0, rounds) {
        if (!start_and_await(one, "lone orphans", count, 0, -1))
            continue;
        wait_for_state(one->pid, 'S');
        int64_t before = cpu_time(one->pid);
        one->shared->go = 1;
        if (wait_for(&one->shared->done) && !one->shared->failed) {
            wait_for_state(one->pid, 'S');
            report("orphan_cpu", one, round, (cpu_time(one->pid) - before) / count);
            report("orphan", one, round, median((int64_t *)one->shared->latency, (int)one->shared->latencies));
        } else {
            fault(one, "an orphan was not reaped");
        }
        kill_and_reap(one);
    }
}

// Stops an init until that many orphans wait for it at once. (Where it is traced its state is not T but t.)
int freeze(struct contestant *one, int orphans) {
    if (kill(one->pid, SIGSTOP) != 0 || !wait_for_state(one->pid, is_traced(one->pid) ? 't' : 'T'))
        return 0;
    one->shared->go = 1;
    return wait_for(&one->shared->done) && !one->shared->failed && wait_for_children(one->pid, orphans + 1);
}

// The CPU time that the init takes for each.
void measure_waiting(int rounds, int count) {
    char metric[32];
    snprintf(metric, sizeof metric, "waiting_%d", count);
    EACH_IN_TURNS(one, round, 0, rounds) {
        if (!start_and_await(one, "waiting orphans", count, 0, -1))
            continue;
        if (freeze(one, count)) {
            int64_t before = cpu_time(one->pid);
            kill(one->pid, SIGCONT);
            if (wait_for_children(one->pid, 1) && wait_for_state(one->pid, 'S'))
                report(metric, one, round, (cpu_time(one->pid) - before) / count);
            else
                fault(one, "orphans were not reaped");
        } else {
            fault(one, "the orphans could not be made");
        }
        kill_and_reap(one);
    }
}

// From the program's end to the init's, where that many processes are left. By then all of them are gone: whom the init has
// not ended and reaped, the kernel does.
void measure_leftovers(int rounds, int count) {
    char metric[32];
    snprintf(metric, sizeof metric, "leftovers_%d", count);
    EACH_IN_TURNS(one, round, 0, rounds) {
        int status;
        start(one, "end with leftovers", count, 0, -1);
        pid_t ended = waitpid(one->pid, &status, 0);
        int64_t end = now();
        if (ended == one->pid)
            one->pid = 0;
        if (ended > 0 && status == 0 && one->shared->ended && !one->shared->failed)
            report(metric, one, round, end - (int64_t)one->shared->ended);
        else
            fault(one, "the program did not end as it should");
        kill_and_reap(one);
    }
}
