#pragma once
// One io_uring for UDP relaying: multishot receive into a provided buffer ring, sends by registered files.
//
// <liburing.h> defines feature-test macros that must not reach Swift, so the ring is opaque here and liburing stays
// in the .c file. A ring belongs to the thread that opened it; no function here may be called from another.
#include <stddef.h>
#include <stdint.h>

struct crosspoint_uring;

/// The sizes of a ring; all of them are fixed when it is opened.
struct crosspoint_uring_sizes {
    /// Requests that can be prepared between two submits; a power of two.
    uint32_t submission_entries;
    /// Completions that can wait to be read; a power of two.
    uint32_t completion_entries;
    /// Receive buffers; a power of two, at most 32768.
    uint32_t buffers;
    /// Octets of one receive buffer, CROSSPOINT_URING_HEADROOM included.
    uint32_t buffer_bytes;
    /// Slots of the table of registered files.
    uint32_t files;
};

/// Octets at the start of each buffer that the kernel fills with the datagram's description and source address.
#define CROSSPOINT_URING_HEADROOM 48
/// Where in a buffer the source address stands.
#define CROSSPOINT_URING_ADDRESS_OFFSET 16

/// One completion, copied out of the completion queue.
struct crosspoint_completion {
    uint64_t user_data;
    int32_t result;
    uint32_t flags;
};

/// Opens a ring for the calling thread; returns 0 or minus errno, and `*attempted` names the step that failed.
int crosspoint_uring_open(
    struct crosspoint_uring_sizes sizes, struct crosspoint_uring **ring, const char **attempted);

/// Closes a ring: everything in flight is cancelled, registered files are released.
void crosspoint_uring_close(struct crosspoint_uring *ring);

/// Puts a descriptor into a slot of the file table, or empties the slot (-1); returns 0 or minus errno.
int crosspoint_uring_set_file(struct crosspoint_uring *ring, uint32_t slot, int descriptor);

// MARK: Requests. Each returns 0, or -EAGAIN if the submission queue is full.

/// Receives datagrams from `descriptor` until cancelled or out of buffers; one completion a datagram.
int crosspoint_uring_receive(struct crosspoint_uring *ring, int descriptor, uint64_t user_data);

/// Sends octets from the socket in `file_slot` to a socket address.
///
/// It never waits, so once submitted octets and address are free again; only failures have a completion.
int crosspoint_uring_send(
    struct crosspoint_uring *ring, uint32_t file_slot, const void *bytes, uint32_t length, const void *address,
    uint32_t address_length, uint64_t user_data);

/// Reads an eventfd's counter once, when it is not zero.
int crosspoint_uring_read_event(struct crosspoint_uring *ring, int descriptor, uint64_t user_data);

/// Cancels the request with the user data `target`.
int crosspoint_uring_cancel(struct crosspoint_uring *ring, uint64_t target, uint64_t user_data);

// MARK: Submitting and completing

/// Submits what was prepared, then waits for `completions` of them, at most `timeout_nanoseconds` (0: no limit).
///
/// Returns 0 or minus errno; -ETIME after the time-out and -EINTR are normal.
int crosspoint_uring_submit_and_wait(
    struct crosspoint_uring *ring, uint32_t completions, uint64_t timeout_nanoseconds);

/// Submits what was prepared without waiting; returns 0 or minus errno.
int crosspoint_uring_submit(struct crosspoint_uring *ring);

/// Requests prepared but not yet taken by the kernel.
uint32_t crosspoint_uring_unsubmitted(const struct crosspoint_uring *ring);

/// Copies up to `capacity` completions and marks them as read; returns how many.
uint32_t crosspoint_uring_take_completions(
    struct crosspoint_uring *ring, struct crosspoint_completion *completions, uint32_t capacity);

/// True if more completions of the same request will follow.
static inline int crosspoint_completion_has_more(uint32_t flags) { return (flags & 2u) != 0; }
/// True if the completion carries a receive buffer.
static inline int crosspoint_completion_has_buffer(uint32_t flags) { return (flags & 1u) != 0; }
/// The number of that buffer.
static inline uint16_t crosspoint_completion_buffer(uint32_t flags) { return (uint16_t)(flags >> 16); }

// MARK: Buffers

/// The start of the first receive buffer; buffer n starts n * buffer_bytes later.
uint8_t *crosspoint_uring_buffers(const struct crosspoint_uring *ring);

/// A datagram in a receive buffer.
struct crosspoint_uring_datagram {
    uint32_t payload_length;
    uint32_t address_length;
    uint8_t was_truncated;
};

/// Reads the description at the start of a buffer of which `filled` octets were written; returns 0, or -EBADMSG.
int crosspoint_uring_describe(
    const struct crosspoint_uring *ring, uint16_t buffer, uint32_t filled,
    struct crosspoint_uring_datagram *datagram);

/// Gives a buffer back; it becomes usable with the next crosspoint_uring_publish_buffers.
void crosspoint_uring_return_buffer(struct crosspoint_uring *ring, uint16_t buffer);

/// Makes the buffers given back since the last call visible to the kernel.
void crosspoint_uring_publish_buffers(struct crosspoint_uring *ring);
