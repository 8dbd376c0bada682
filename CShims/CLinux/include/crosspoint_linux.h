#pragma once
// What Glibc's Swift module does not export, and UDP sockets spoken to in plain integers.
//
// Only <stdint.h> and <stddef.h> are included here: feature-test macros and socket headers stay in the .c files,
// because two C modules that see glibc's types under different macros clash in Swift debug builds.
#include <stddef.h>
#include <stdint.h>

// MARK: Addresses

/// An IP address and UDP port. IPv4 addresses are the low 32 bits of `low`, all fields in host order.
struct crosspoint_address {
    uint64_t high;
    uint64_t low;
    uint16_t port;
    /// 4 or 6; 0 means "not an Internet address".
    uint8_t family;
};

/// Octets that hold a socket address of either family.
#define CROSSPOINT_SOCKADDR_BYTES 28

/// Writes a socket address into `storage` (CROSSPOINT_SOCKADDR_BYTES octets, any alignment); returns its length.
uint32_t crosspoint_sockaddr_write(struct crosspoint_address address, void *storage);

/// Reads a socket address of `length` octets; the family of the result is 0 if it is neither IPv4 nor IPv6.
struct crosspoint_address crosspoint_sockaddr_read(const void *storage, uint32_t length);

// MARK: UDP sockets

/// How a UDP socket is opened.
struct crosspoint_udp_options {
    /// SO_RCVBUF in octets; 0 keeps the system's default.
    int32_t receive_buffer_bytes;
    /// SO_SNDBUF in octets; 0 keeps the system's default.
    int32_t send_buffer_bytes;
    /// IP_TOS or IPV6_TCLASS of what is sent.
    uint8_t traffic_class;
};

/// Opens a non-blocking, close-on-exec UDP socket bound to exactly `local` (IPv6 sockets take IPv6 only).
///
/// Returns the descriptor, or minus errno; `*attempted` then names the step that failed.
int crosspoint_udp_open(
    struct crosspoint_address local, struct crosspoint_udp_options options, const char **attempted);

/// Sets the traffic class of what a socket of `family` (4 or 6) sends; returns 0 or minus errno.
int crosspoint_udp_set_traffic_class(int descriptor, uint8_t family, uint8_t traffic_class);

/// Asks that received datagrams report their traffic class; returns 0 or minus errno.
int crosspoint_udp_report_traffic_class(int descriptor, uint8_t family);

/// Reads the address a socket is bound to; returns 0 or minus errno.
int crosspoint_udp_local_address(int descriptor, struct crosspoint_address *local);

/// Reads how many datagrams a socket lost because its receive buffer was full; returns 0 or minus errno.
int crosspoint_udp_lost(int descriptor, uint32_t *datagrams);

/// One datagram read by crosspoint_udp_receive.
struct crosspoint_datagram {
    struct crosspoint_address source;
    /// Octets copied.
    uint32_t length;
    /// The traffic class, or -1 if the socket does not report it.
    int32_t traffic_class;
    /// 1 if the datagram was longer than the buffer.
    uint8_t was_truncated;
};

/// Receives one datagram without blocking; returns 0 or minus errno (-EAGAIN if there is none).
int crosspoint_udp_receive(int descriptor, void *buffer, size_t capacity, struct crosspoint_datagram *datagram);

/// Sends one datagram without blocking; returns the octets sent or minus errno.
int64_t crosspoint_udp_send(
    int descriptor, const void *bytes, size_t length, struct crosspoint_address destination);

/// Waits until a descriptor is readable; returns 1, 0 after the time-out, or minus errno.
int crosspoint_wait_readable(int descriptor, int timeout_milliseconds);

/// Closes a descriptor; errors are ignored, the descriptor is gone in any case.
void crosspoint_close(int descriptor);

// MARK: Event descriptors

/// Opens a close-on-exec eventfd; returns it or minus errno.
///
/// It blocks: io_uring fails reads of non-blocking descriptors with EAGAIN instead of waiting for them.
int crosspoint_eventfd_open(void);

/// Adds one to an eventfd's counter, which makes it readable; returns 0 or minus errno.
int crosspoint_eventfd_signal(int descriptor);

// MARK: Threads, time and limits

/// Names the calling thread (at most 15 octets are kept).
void crosspoint_thread_set_name(const char *name);

/// Binds the calling thread to one CPU; returns 0 or minus errno.
int crosspoint_thread_pin(int cpu);

/// Keeps all signals from being delivered to the calling thread; they go to the main thread.
void crosspoint_thread_block_signals(void);

/// CLOCK_MONOTONIC in nanoseconds.
uint64_t crosspoint_monotonic_nanoseconds(void);

/// CPUs this process may run on, at least 1.
int crosspoint_usable_cpus(void);

/// Raises the soft limit of open descriptors towards `wanted`, as far as the hard limit allows; returns the limit.
uint64_t crosspoint_raise_descriptor_limit(uint64_t wanted);

// MARK: Calendar and directories

/// A moment in the time zone of this host; all zero if it cannot be told.
struct crosspoint_calendar {
    int32_t year, month, day, hour, minute, second;
};

/// What calendar and clock show at so many seconds since 1970.
struct crosspoint_calendar crosspoint_calendar_at(int64_t unix_seconds);

/// Writes the names in a directory, but for `.` and `..`, into `names`, each with its terminating zero, as many as fit.
///
/// Returns how many names there are, or minus errno; `*written` is set to the octets used.
int crosspoint_directory_names(const char *path, char *names, size_t capacity, size_t *written);

// MARK: Relaxed atomics
//
// For counters with one writer and any number of readers: no ordering is implied, no value is ever torn.

static inline uint64_t crosspoint_relaxed_load(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static inline void crosspoint_relaxed_store(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

/// Adds where only the calling thread writes: a plain load, add and store, without a locked instruction.
static inline void crosspoint_relaxed_add_single_writer(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, __atomic_load_n(word, __ATOMIC_RELAXED) + value, __ATOMIC_RELAXED);
}

/// Adds where several threads write.
static inline void crosspoint_relaxed_add(uint64_t *word, uint64_t value) {
    __atomic_fetch_add(word, value, __ATOMIC_RELAXED);
}
