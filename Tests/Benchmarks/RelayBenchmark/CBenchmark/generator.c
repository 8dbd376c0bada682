#define _GNU_SOURCE
#include "relay_benchmark.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic uint64_t allocations;

void *malloc(size_t bytes) { allocations++; return __libc_malloc(bytes); }
void *calloc(size_t count, size_t bytes) { allocations++; return __libc_calloc(count, bytes); }
void *realloc(void *memory, size_t bytes) { allocations++; return __libc_realloc(memory, bytes); }
void *memalign(size_t alignment, size_t bytes) { allocations++; return __libc_memalign(alignment, bytes); }
void *aligned_alloc(size_t alignment, size_t bytes) { allocations++; return __libc_memalign(alignment, bytes); }
int posix_memalign(void **memory, size_t alignment, size_t bytes) {
    allocations++;
    *memory = __libc_memalign(alignment, bytes);
    return *memory ? 0 : 12;
}

uint64_t benchmark_allocations(void) { return allocations; }

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t benchmark_cpu_nanoseconds(void) { return nanoseconds(CLOCK_PROCESS_CPUTIME_ID); }

static int udp_socket(uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int bytes = 8 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(port)};
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(descriptor, (struct sockaddr *)&local, sizeof local) < 0) _exit(3);
    return descriptor;
}

enum { payload_bytes = 172, batch = 64 };
static const uint64_t patience_nanoseconds = 2000000000u;

static void drain(int sink, struct benchmark_outcome *outcome) {
    static uint8_t buffers[batch][256];
    static struct iovec vectors[batch];
    static struct mmsghdr messages[batch];
    for (int index = 0; index < batch; index++) {
        vectors[index] = (struct iovec){buffers[index], sizeof buffers[index]};
        messages[index].msg_hdr = (struct msghdr){.msg_iov = &vectors[index], .msg_iovlen = 1};
    }
    int count = recvmmsg(sink, messages, batch, MSG_DONTWAIT, NULL);
    uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    for (int index = 0; index < count; index++) {
        uint64_t sent_at;
        memcpy(&sent_at, buffers[index] + 16, sizeof sent_at);
        uint64_t delay = now - sent_at;
        outcome->received++;
        outcome->total_delay_nanoseconds += delay;
        if (delay > outcome->worst_delay_nanoseconds) outcome->worst_delay_nanoseconds = delay;
    }
}

// Packets are spread evenly over time: the relay gets no help from bursts.
static void generate(struct benchmark_load load, struct benchmark_outcome *outcome) {
    int sink = udp_socket(load.sink_port);
    int *sources = malloc(load.streams * sizeof *sources);
    for (uint32_t stream = 0; stream < load.streams; stream++) sources[stream] = udp_socket(0);
    uint8_t packet[payload_bytes] = {0x80, 0};
    uint64_t interval = 1000000000u / load.packets_per_second;
    uint64_t total = (uint64_t)load.packets_per_second * load.seconds;
    uint64_t begin = nanoseconds(CLOCK_MONOTONIC);
    while (outcome->sent < total) {
        uint64_t now = nanoseconds(CLOCK_MONOTONIC);
        if (now < begin + outcome->sent * interval) {
            drain(sink, outcome);
            continue;
        }
        uint32_t stream = outcome->sent % load.streams;
        uint32_t round = (uint32_t)(outcome->sent / load.streams);
        packet[2] = (uint8_t)(round >> 8);
        packet[3] = (uint8_t)round;
        uint32_t timestamp = htonl(round * 160);
        memcpy(packet + 4, &timestamp, 4);
        memcpy(packet + 8, &stream, 4);
        memcpy(packet + 16, &now, sizeof now);
        struct sockaddr_in relay = {
            .sin_family = AF_INET, .sin_port = htons((uint16_t)(load.first_relay_port + stream))};
        relay.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sendto(sources[stream], packet, sizeof packet, 0, (struct sockaddr *)&relay, sizeof relay);
        outcome->sent++;
        if (outcome->sent % 32 == 0) drain(sink, outcome);
    }
    // A relay that had no CPU for a while is late, which is not the same as losing packets.
    uint64_t end = nanoseconds(CLOCK_MONOTONIC) + patience_nanoseconds;
    while (outcome->received < outcome->sent && nanoseconds(CLOCK_MONOTONIC) < end) {
        uint64_t received = outcome->received;
        drain(sink, outcome);
        if (outcome->received > received) end = nanoseconds(CLOCK_MONOTONIC) + patience_nanoseconds;
    }
}

int benchmark_start_generator(struct benchmark_load load) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return -1;
    pid_t child = fork();
    if (child < 0) return -1;
    if (child > 0) {
        close(ends[1]);
        return ends[0];
    }
    uint8_t go;
    close(ends[0]);
    if (read(ends[1], &go, 1) != 1) _exit(1);
    struct benchmark_outcome outcome = {0};
    generate(load, &outcome);
    _exit(write(ends[1], &outcome, sizeof outcome) == sizeof outcome ? 0 : 2);
}

int benchmark_begin(int generator) {
    uint8_t go = 1;
    return write(generator, &go, 1) == 1 ? 0 : -1;
}

int benchmark_finish(int generator, struct benchmark_outcome *outcome) {
    int result = read(generator, outcome, sizeof *outcome) == sizeof *outcome ? 0 : -1;
    close(generator);
    wait(NULL);
    return result;
}
