// What the driver's files share. The driver starts each init as PID 1 of a pid namespace of its own, and measures.
#pragma once
#include <stdint.h>
#include <sys/types.h>

#include "../programs/shared.h"

enum { MOST_CONTESTANTS = 16 };
#define SECOND INT64_C(1000000000)

struct contestant {
    const char *name;
    char **command;  // the init with its options; empty: the program itself is PID 1
    int words;
    int memory;     // the memfd
    int answers[2];  // the pipe that is the program's standard output
    struct shared *shared;
    pid_t pid;
};

extern struct contestant contestants[MOST_CONTESTANTS];
extern int contestants_count;
extern char *program;

// contestant.c
int64_t now(void);
void nap(int64_t nanoseconds);
_Noreturn void fail(const char *what);
void prepare(struct contestant *one);
void start(struct contestant *one, const char *mode, int count, int pause, int gate);
int start_and_await(struct contestant *one, const char *mode, int count, int pause, int gate);
int kill_and_reap(struct contestant *one);
void kill_all(void);

// process.c
int wait_for(volatile uint32_t *flag);
int wait_for_state(pid_t pid, char state);
int wait_for_children(pid_t pid, int count);
int is_traced(pid_t pid);
int64_t cpu_time(pid_t pid);

// timed.c: each prints lines of "metric contestant round nanoseconds"
void measure_start(int rounds);
void measure_signals(int rounds, int count);
void measure_orphans(int rounds, int count);
void measure_waiting(int rounds, int count);
void measure_leftovers(int rounds, int count);
int ping(struct contestant *one, int64_t *there, int64_t *back);
int freeze(struct contestant *one, int orphans);
void fault(const struct contestant *one, const char *what);

// observed.c
void trace(const char *load, int count, const char *folder);
void hold(int seconds);
