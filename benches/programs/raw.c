// raw: an init that does nothing but what every init must: start one program, forward signals to it, reap, exit with its
// status. Without a C library; what the kernel itself takes for that, and hardly more.
#include "nolibc.h"

static const uint64_t all = ~UINT64_C(0), none = 0;

static void start(long *stack) {
    char **argument = (char **)(stack + 1);
    char **environment = argument + stack[0] + 1;
    struct information information;
    int status = 0;

    argument++;
    if (argument[0] && argument[0][0] == '-' && argument[0][1] == '-' && argument[0][2] == 0)
        argument++;
    if (!argument[0])
        leave(125);
    CALL(__NR_rt_sigprocmask, BLOCK, &all, 0, sizeof all);
    // The parent sleeps until the child has executed the program, so they can share this very frame.
    volatile long program = CALL(__NR_clone, CLONE_VM | CLONE_VFORK | SIGCHLD_);
    if (program == 0) {
        CALL(__NR_rt_sigprocmask, SETMASK, &none, 0, sizeof none);
        CALL(__NR_execve, argument[0], argument, environment);
        leave(127);
    }
    for (;;) {
        long signal = CALL(__NR_rt_sigtimedwait, &all, &information, 0, sizeof all);
        if (signal != SIGCHLD_) {
            // A payload is passed on.
            if (signal > 0 && information.code == -1)
                CALL(__NR_rt_sigqueueinfo, program, signal, &information);
            else if (signal > 0)
                CALL(__NR_kill, program, signal);
            continue;
        }
        int over = 0, code = 0;
        for (long pid; (pid = CALL(__NR_wait4, -1, &status, NOHANG, 0)) > 0;)
            if (pid == program) {
                over = 1;
                code = status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
            }
        if (over)
            leave(code);
    }
}
