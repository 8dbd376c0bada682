#pragma once
// epoll, and datagrams received and sent several at a time. What Glibc's Swift module does not export.
#include <stdint.h>

#include <crosspoint_linux.h>

// MARK: Epoll

/// Opens a close-on-exec epoll set; returns it or minus errno.
int crosspoint_epoll_open(void);

/// Watches a descriptor, level-triggered; what is ready is named by `number`. Returns 0 or minus errno.
int crosspoint_epoll_add(int epoll, int descriptor, uint32_t number);

/// Ends watching a descriptor; returns 0 or minus errno.
int crosspoint_epoll_remove(int epoll, int descriptor);

/// Waits until something is ready, at most this long (-1: no limit); returns how many numbers were written, or minus errno.
///
/// Interruptions by signals end the wait with 0.
int crosspoint_epoll_wait(int epoll, uint32_t *numbers, uint32_t capacity, int timeout_milliseconds);

/// Takes an eventfd's counter, so that it is no longer readable; only to be called while it is.
void crosspoint_eventfd_take(int descriptor);

/// Sleeps; signals end it early.
void crosspoint_sleep(uint64_t nanoseconds);

// MARK: Receiving

struct crosspoint_inbox;

/// One datagram in an inbox.
struct crosspoint_arrival {
    struct crosspoint_address source;
    const void *payload;
    /// Octets of payload in the buffer.
    uint32_t length;
    uint8_t was_truncated;
};

/// The most datagrams that one call receives or sends.
#define CROSSPOINT_BURST 32

/// Allocates buffers for so many datagrams of so many octets; returns 0 or minus errno.
int crosspoint_inbox_open(uint32_t buffers, uint32_t payload_bytes, struct crosspoint_inbox **inbox);

/// Frees an inbox.
void crosspoint_inbox_close(struct crosspoint_inbox *inbox);

/// Receives up to `count` (at most CROSSPOINT_BURST) datagrams into buffers `first` and following, without blocking.
///
/// Returns how many, or minus errno (-EAGAIN if there is none).
int crosspoint_inbox_receive(struct crosspoint_inbox *inbox, int descriptor, uint32_t first, uint32_t count);

/// Reads what a buffer received.
void crosspoint_inbox_describe(
    const struct crosspoint_inbox *inbox, uint32_t buffer, struct crosspoint_arrival *arrival);

// MARK: Sending

/// A datagram to be sent.
struct crosspoint_departure {
    const void *payload;
    uint32_t length;
    uint32_t address_length;
    uint8_t address[32];
};

/// Sends up to `count` (at most CROSSPOINT_BURST) datagrams by one socket, in order, without blocking.
///
/// Returns how many were sent, at least 1, or minus the errno that the first one met.
int crosspoint_udp_send_burst(int descriptor, struct crosspoint_departure *departures, uint32_t count);
