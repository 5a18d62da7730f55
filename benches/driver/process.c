// What /proc and the clocks say of a process, and waiting for it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

enum { PATIENCE = 20 };  // seconds

static ssize_t read_file(pid_t pid, const char *name, char *text, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, size - 1);
    if (file >= 0)
        close(file);
    text[length > 0 ? length : 0] = 0;
    return length;
}

static char state(pid_t pid) {
    char text[512];
    read_file(pid, "stat", text, sizeof text);
    char *name_end = strrchr(text, ')');
    return name_end ? name_end[2] : '?';
}

static int children(pid_t pid) {
    char path[64], text[1 << 16];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        fail(path);
    for (ssize_t length; (length = read(file, text, sizeof text)) > 0;)
        for (ssize_t i = 0; i < length; i++)
            count += text[i] == ' ';
    close(file);
    return count;
}

int wait_for(volatile uint32_t *flag) {
    int64_t deadline = now() + PATIENCE * SECOND;
    while (!*flag && now() < deadline)
        nap(SECOND / 5000);
    return *flag != 0;
}

int wait_for_state(pid_t pid, char wanted) {
    int64_t deadline = now() + PATIENCE * SECOND;
    char seen;
    while ((seen = state(pid)) != wanted && now() < deadline)
        nap(SECOND / 5000);
    return seen == wanted;
}

// Sleeps between two looks, because a look takes as long as there are children and holds a lock that the init needs.
int wait_for_children(pid_t pid, int count) {
    int64_t deadline = now() + PATIENCE * SECOND;
    int seen;
    while ((seen = children(pid)) != count && now() < deadline)
        nap(SECOND / 500);
    return seen == count;
}

int is_traced(pid_t pid) {
    char text[4096];
    read_file(pid, "status", text, sizeof text);
    char *line = strstr(text, "TracerPid:");
    return line && atoi(line + sizeof "TracerPid:" - 1) > 0;
}

// Exact while the process is off the CPU.
int64_t cpu_time(pid_t pid) {
    clockid_t clock;
    struct timespec time = {0};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return 0;
    return time.tv_sec * SECOND + time.tv_nsec;
}
