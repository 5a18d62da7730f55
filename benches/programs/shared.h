// What the driver and the program under the init tell each other, through a memfd that is the program's standard input.
#pragma once
#include <stdint.h>

enum { LATENCIES = 4096 };

struct shared {
    // Instants of CLOCK_MONOTONIC, in nanoseconds.
    volatile uint64_t executed;  // just before the init's execve
    volatile uint64_t began;     // the program's first instruction
    volatile uint64_t seen;      // the last signal
    volatile uint64_t ended;     // just before the program's exit
    volatile uint64_t orphaned;  // just before the last orphan's exit

    volatile uint64_t faults;  // the init's page faults before its execve
    volatile uint32_t ready, go, done, stop;
    volatile int32_t orphan;    // pid of the last one
    volatile uint32_t failed;   // what could not be done
    volatile uint32_t latencies;
    volatile uint64_t latency[LATENCIES];
};
