// The program that runs under each init: child MODE [COUNT [PAUSE]]. It says through shared memory what happened when.
// Without a C library, so that its own start takes next to nothing. Nothing here outlives its deadline.
#include "nolibc.h"
#include "shared.h"

enum { BATCH = 100, STACK = 1024 };
#define SECOND UINT64_C(1000000000)

long clone_call(long flags, char *stack, void (*run)(void));

static struct shared *shared;
static long batch;
static const uint64_t all = ~UINT64_C(0);

static uint64_t now(void) {
    uint64_t time[2];
    CALL(__NR_clock_gettime, 1, time);
    return time[0] * SECOND + time[1];
}

static void nap(uint64_t nanoseconds) {
    uint64_t time[2] = {nanoseconds / SECOND, nanoseconds % SECOND};
    CALL(__NR_nanosleep, time, 0);
}

static uint64_t number(const char *text) {
    uint64_t value = 0;
    while (*text >= '0' && *text <= '9')
        value = value * 10 + (uint64_t)(*text++ - '0');
    return value;
}

__attribute__((noreturn)) static void end(void) {
    shared->ended = now();
    leave(0);
}

static void await(volatile uint32_t *flag, uint64_t nanoseconds) {
    uint64_t deadline = now() + nanoseconds;
    while (!*flag && now() < deadline)
        nap(SECOND / 5000);
}

static void ended_orphan(void) {
    shared->orphaned = now();
    leave(0);
}

static void living_orphan(void) {
    uint64_t time[2] = {60, 0};
    CALL(__NR_nanosleep, time, 0);
    leave(0);
}

static void (*orphan)(void);
static long orphan_flags;

// The orphans' parent, which ends at once. A clone can fail for a moment only, for want of a pid.
static void parent(void) {
    static char stack[STACK] __attribute__((aligned(16)));
    for (long made = 0, tries = 0; made < batch && tries < 10000;) {
        long pid = clone_call(orphan_flags | SIGCHLD_, stack + STACK, orphan);
        if (pid > 0) {
            shared->orphan = (int32_t)pid;
            made++;
        } else {
            tries++;
            nap(SECOND / 1000);
        }
        shared->failed = made < batch;
    }
    leave(0);
}

// Makes that many, which are the init's by the time this returns.
static void make_orphans(long count) {
    static char stack[STACK] __attribute__((aligned(16)));
    batch = count;
    long pid = clone_call(CLONE_VM | CLONE_VFORK | SIGCHLD_, stack + STACK, parent);
    if (pid < 0)
        shared->failed = 1;
    CALL(__NR_wait4, pid, 0, 0, 0);
}

// Receives signals and answers each SIGUSR1 with a byte on standard output.
static void answer(void) {
    struct information information;
    uint64_t patience[2] = {60, 0};
    CALL(__NR_rt_sigprocmask, BLOCK, &all, 0, sizeof all);
    shared->ready = 1;
    for (;;) {
        long signal = CALL(__NR_rt_sigtimedwait, &all, &information, patience, sizeof all);
        uint64_t time = now();
        if (signal == SIGUSR1_) {
            shared->seen = time;
            CALL(__NR_write, 1, "", 1);
        } else if (signal == SIGTERM_ || signal < 0) {
            end();
        }
    }
}

// One orphan at a time, each waited for until its pid is free; after each a pause in microseconds.
static void lone_orphans(uint64_t count, uint64_t pause) {
    orphan = ended_orphan;
    orphan_flags = CLONE_VM;
    for (uint64_t i = 0; i < count; i++) {
        make_orphans(1);
        uint64_t time, deadline = now() + 2 * SECOND;
        while (CALL(__NR_kill, shared->orphan, 0) == 0 && now() < deadline)
            CALL(__NR_sched_yield);
        time = now();
        if (time >= deadline)
            shared->failed = 1;
        if (i < LATENCIES) {
            shared->latency[i] = time - shared->orphaned;
            shared->latencies = (uint32_t)i + 1;
        }
        nap(pause * 1000);
    }
}

static void many_orphans(uint64_t count) {
    orphan = ended_orphan;
    // Each has ended before the next one is made, so that all can use one stack.
    orphan_flags = CLONE_VM | CLONE_VFORK;
    for (uint64_t left = count; left > 0 && !shared->failed; left -= left < BATCH ? left : BATCH)
        make_orphans(left < BATCH ? (long)left : BATCH);
}

// Orphans that live on when this program ends, each with memory of its own: at the end of one that shares it the kernel looks for
// another owner, which takes the longer the more there are.
static void leftovers(uint64_t count) {
    orphan = living_orphan;
    for (uint64_t left = count; left > 0 && !shared->failed; left -= left < BATCH ? left : BATCH)
        make_orphans(left < BATCH ? (long)left : BATCH);
}

static void start(long *stack) {
    uint64_t time = now();
    char **argument = (char **)(stack + 1);
    long memory = CALL(__NR_mmap, 0, sizeof *shared, 3, 1, 0, 0);
    if (memory < 0 && memory > -4096)
        leave(96);
    shared = (struct shared *)memory;
    shared->began = time;
    char mode = stack[0] > 1 ? argument[1][0] : 'r';
    uint64_t count = stack[0] > 2 ? number(argument[2]) : 0;
    uint64_t pause = stack[0] > 3 ? number(argument[3]) : 0;
    if (mode == 'r')  // run
        end();
    if (mode == 's')  // signals
        answer();
    if (mode == 'e') {  // end with leftovers
        leftovers(count);
        end();
    }
    CALL(__NR_rt_sigprocmask, BLOCK, &all, 0, sizeof all);
    shared->ready = 1;
    await(&shared->go, 60 * SECOND);
    if (mode == 'l')
        lone_orphans(count, pause);
    else if (mode == 'w')
        many_orphans(count);
    shared->done = 1;
    await(&shared->stop, 30 * SECOND);
    end();
}
