#pragma once
#include <stdint.h>

/// What a generator process is to do, and what it did.
struct benchmark_load {
    uint32_t streams;
    uint32_t packets_per_second;
    uint32_t seconds;
    /// Stream n is sent to 127.0.0.1, port first_relay_port + n.
    uint16_t first_relay_port;
    /// Everything has to come back to 127.0.0.1 on this port.
    uint16_t sink_port;
};

struct benchmark_outcome {
    uint64_t sent;
    uint64_t received;
    uint64_t worst_delay_nanoseconds;
    uint64_t total_delay_nanoseconds;
};

/// Starts a process that generates load once told to; returns the descriptor to tell it by, or -1.
int benchmark_start_generator(struct benchmark_load load);
/// Lets the generator begin; returns 0, or -1 if it died.
int benchmark_begin(int generator);
/// Waits for the generator's end; returns 0, or -1 if it died.
int benchmark_finish(int generator, struct benchmark_outcome *outcome);

/// Calls of malloc, calloc, realloc and aligned allocation by this process so far.
uint64_t benchmark_allocations(void);
/// CPU time of this process in nanoseconds, system time included.
uint64_t benchmark_cpu_nanoseconds(void);

/// The simplest relay that uses multishot receive and a provided buffer ring: what the Swift one is compared with.
/// Runs until `*stop` is not zero; returns packets relayed, or -1.
int64_t benchmark_baseline_relay(struct benchmark_load load, const volatile int *stop, volatile int *is_ready);
