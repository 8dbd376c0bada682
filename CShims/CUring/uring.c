#define _GNU_SOURCE
#include "crosspoint_uring.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum { buffer_group = 0, name_bytes = CROSSPOINT_URING_HEADROOM - CROSSPOINT_URING_ADDRESS_OFFSET };

_Static_assert(
    sizeof(struct io_uring_recvmsg_out) == CROSSPOINT_URING_ADDRESS_OFFSET, "layout of multishot recvmsg");
_Static_assert(name_bytes >= 28 && name_bytes % 8 == 0, "room for an IPv6 address, payload aligned");
_Static_assert(IORING_CQE_F_BUFFER == 1u && IORING_CQE_F_MORE == 2u, "flags as the header tests them");
_Static_assert(IORING_CQE_BUFFER_SHIFT == 16, "buffer number as the header reads it");
_Static_assert(
    sizeof(struct crosspoint_completion) == sizeof(struct io_uring_cqe), "completions are copied as they are");

struct crosspoint_uring {
    struct io_uring ring;
    struct crosspoint_uring_sizes sizes;
    struct io_uring_buf_ring *buffer_ring;
    size_t buffer_ring_bytes;
    uint8_t *buffers;
    size_t buffers_bytes;
    uint32_t returned;
    int is_open;
    // Multishot recvmsg reads its lengths from here for as long as it is armed.
    struct msghdr receive_layout;
};

static int open_ring(struct crosspoint_uring *self) {
    // From the cheapest mode down: completions run only when this thread asks (6.1), cooperatively (5.19), plain.
    static const unsigned modes[] = {
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_COOP_TASKRUN,
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN,
        IORING_SETUP_COOP_TASKRUN,
        0,
    };
    int result = -EINVAL;
    for (size_t mode = 0; mode < sizeof modes / sizeof *modes && result == -EINVAL; mode++) {
        struct io_uring_params parameters = {
            .flags = modes[mode] | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL,
            .cq_entries = self->sizes.completion_entries,
        };
        result = io_uring_queue_init_params(self->sizes.submission_entries, &self->ring, &parameters);
    }
    self->is_open = result == 0;
    return result;
}

static void *map_memory(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static int open_buffers(struct crosspoint_uring *self) {
    self->buffer_ring_bytes = self->sizes.buffers * sizeof(struct io_uring_buf);
    self->buffers_bytes = (size_t)self->sizes.buffers * self->sizes.buffer_bytes;
    self->buffer_ring = map_memory(self->buffer_ring_bytes);
    self->buffers = map_memory(self->buffers_bytes);
    if (!self->buffer_ring || !self->buffers) return -ENOMEM;
    struct io_uring_buf_reg registration = {
        .ring_addr = (uint64_t)(uintptr_t)self->buffer_ring,
        .ring_entries = self->sizes.buffers,
        .bgid = buffer_group,
    };
    int result = io_uring_register_buf_ring(&self->ring, &registration, 0);
    if (result < 0) return result;
    io_uring_buf_ring_init(self->buffer_ring);
    for (uint32_t buffer = 0; buffer < self->sizes.buffers; buffer++) {
        crosspoint_uring_return_buffer(self, (uint16_t)buffer);
    }
    crosspoint_uring_publish_buffers(self);
    return 0;
}

// Sends that name their destination came with Linux 6.1, after everything else used here.
static int check_operations(struct crosspoint_uring *self) {
    struct io_uring_probe *probe = io_uring_get_probe_ring(&self->ring);
    if (!probe) return -ENOSYS;
    int is_supported = io_uring_opcode_supported(probe, IORING_OP_RECVMSG)
        && io_uring_opcode_supported(probe, IORING_OP_ASYNC_CANCEL)
        && io_uring_opcode_supported(probe, IORING_OP_SENDMSG_ZC);
    io_uring_free_probe(probe);
    return is_supported ? 0 : -EOPNOTSUPP;
}

static int open_all(struct crosspoint_uring *self, const char **attempted) {
    *attempted = "setting up an io_uring";
    int result = open_ring(self);
    if (result < 0) return result;
    *attempted = "looking for io_uring operations of Linux 6.1";
    if ((result = check_operations(self)) < 0) return result;
    *attempted = "registering receive buffers with io_uring";
    if ((result = open_buffers(self)) < 0) return result;
    *attempted = "registering a file table with io_uring";
    return io_uring_register_files_sparse(&self->ring, self->sizes.files);
}

int crosspoint_uring_open(
    struct crosspoint_uring_sizes sizes, struct crosspoint_uring **ring, const char **attempted) {
    *attempted = "checking io_uring sizes";
    if (sizes.buffers == 0 || sizes.buffers > 32768 || (sizes.buffers & (sizes.buffers - 1)) != 0
        || sizes.buffer_bytes <= CROSSPOINT_URING_HEADROOM || sizes.buffer_bytes > 65536 + 64) {
        return -EINVAL;
    }
    struct crosspoint_uring *self = calloc(1, sizeof *self);
    if (!self) return -ENOMEM;
    self->sizes = sizes;
    self->receive_layout.msg_namelen = name_bytes;
    int result = open_all(self, attempted);
    if (result < 0) {
        crosspoint_uring_close(self);
        return result;
    }
    *ring = self;
    return 0;
}

void crosspoint_uring_close(struct crosspoint_uring *self) {
    if (self->is_open) io_uring_queue_exit(&self->ring);
    if (self->buffer_ring) munmap(self->buffer_ring, self->buffer_ring_bytes);
    if (self->buffers) munmap(self->buffers, self->buffers_bytes);
    free(self);
}

int crosspoint_uring_set_file(struct crosspoint_uring *self, uint32_t slot, int descriptor) {
    int result = io_uring_register_files_update(&self->ring, slot, &descriptor, 1);
    return result < 0 ? result : 0;
}

int crosspoint_uring_receive(struct crosspoint_uring *self, int descriptor, uint64_t user_data) {
    struct io_uring_sqe *request = io_uring_get_sqe(&self->ring);
    if (!request) return -EAGAIN;
    // A plain descriptor, not a registered file: before Linux 6.13 a request in flight on a registered file keeps
    // every file that is unregistered later open, and this request is in flight for as long as the call lasts.
    io_uring_prep_recvmsg_multishot(request, descriptor, &self->receive_layout, 0);
    request->flags |= IOSQE_BUFFER_SELECT;
    request->buf_group = buffer_group;
    request->user_data = user_data;
    return 0;
}

int crosspoint_uring_send(
    struct crosspoint_uring *self, uint32_t file_slot, const void *bytes, uint32_t length, const void *address,
    uint32_t address_length, uint64_t user_data) {
    struct io_uring_sqe *request = io_uring_get_sqe(&self->ring);
    if (!request) return -EAGAIN;
    io_uring_prep_send(request, (int)file_slot, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    io_uring_prep_send_set_addr(request, address, (uint16_t)address_length);
    request->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
    request->user_data = user_data;
    return 0;
}

int crosspoint_uring_read_event(struct crosspoint_uring *self, int descriptor, uint64_t user_data) {
    static __thread uint64_t discarded_count;
    struct io_uring_sqe *request = io_uring_get_sqe(&self->ring);
    if (!request) return -EAGAIN;
    io_uring_prep_read(request, descriptor, &discarded_count, sizeof discarded_count, 0);
    request->user_data = user_data;
    return 0;
}

int crosspoint_uring_cancel(struct crosspoint_uring *self, uint64_t target, uint64_t user_data) {
    struct io_uring_sqe *request = io_uring_get_sqe(&self->ring);
    if (!request) return -EAGAIN;
    io_uring_prep_cancel64(request, target, 0);
    request->user_data = user_data;
    return 0;
}

int crosspoint_uring_submit_and_wait(
    struct crosspoint_uring *self, uint32_t completions, uint64_t timeout_nanoseconds) {
    int result;
    if (timeout_nanoseconds == 0) {
        result = io_uring_submit_and_wait(&self->ring, completions);
    } else {
        struct __kernel_timespec timeout = {
            .tv_sec = (int64_t)(timeout_nanoseconds / 1000000000u),
            .tv_nsec = (long long)(timeout_nanoseconds % 1000000000u),
        };
        struct io_uring_cqe *first;
        result = io_uring_submit_and_wait_timeout(&self->ring, &first, completions, &timeout, NULL);
    }
    return result < 0 ? result : 0;
}

int crosspoint_uring_submit(struct crosspoint_uring *self) {
    int result = io_uring_submit(&self->ring);
    return result < 0 ? result : 0;
}

uint32_t crosspoint_uring_unsubmitted(const struct crosspoint_uring *self) {
    return io_uring_sq_ready(&self->ring);
}

uint32_t crosspoint_uring_take_completions(
    struct crosspoint_uring *self, struct crosspoint_completion *completions, uint32_t capacity) {
    struct io_uring_cqe *entry;
    unsigned head;
    uint32_t count = 0;
    io_uring_for_each_cqe(&self->ring, head, entry) {
        if (count == capacity) break;
        completions[count].user_data = entry->user_data;
        completions[count].result = entry->res;
        completions[count].flags = entry->flags;
        count++;
    }
    io_uring_cq_advance(&self->ring, count);
    return count;
}

uint8_t *crosspoint_uring_buffers(const struct crosspoint_uring *self) { return self->buffers; }

int crosspoint_uring_describe(
    const struct crosspoint_uring *self, uint16_t buffer, uint32_t filled,
    struct crosspoint_uring_datagram *datagram) {
    if (buffer >= self->sizes.buffers || filled < CROSSPOINT_URING_HEADROOM || filled > self->sizes.buffer_bytes) {
        return -EBADMSG;
    }
    struct io_uring_recvmsg_out description;
    memcpy(&description, self->buffers + (size_t)buffer * self->sizes.buffer_bytes, sizeof description);
    datagram->payload_length = filled - CROSSPOINT_URING_HEADROOM;
    datagram->address_length = description.namelen < name_bytes ? description.namelen : name_bytes;
    datagram->was_truncated = (description.flags & MSG_TRUNC) != 0;
    return 0;
}

void crosspoint_uring_return_buffer(struct crosspoint_uring *self, uint16_t buffer) {
    io_uring_buf_ring_add(
        self->buffer_ring, self->buffers + (size_t)buffer * self->sizes.buffer_bytes, self->sizes.buffer_bytes,
        buffer, io_uring_buf_ring_mask(self->sizes.buffers), (int)self->returned);
    self->returned++;
}

void crosspoint_uring_publish_buffers(struct crosspoint_uring *self) {
    if (self->returned == 0) return;
    io_uring_buf_ring_advance(self->buffer_ring, (int)self->returned);
    self->returned = 0;
}
