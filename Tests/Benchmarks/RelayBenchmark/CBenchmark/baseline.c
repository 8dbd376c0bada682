#define _GNU_SOURCE
#include "relay_benchmark.h"

#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { buffers = 4096, buffer_bytes = 2048, name_bytes = 16, header_bytes = 16 + name_bytes, send_bit = 1 << 30 };

struct outgoing {
    struct msghdr message;
    struct iovec vector;
};

static int arm(struct io_uring *ring, int descriptor, struct msghdr *layout, uint32_t stream) {
    struct io_uring_sqe *request = io_uring_get_sqe(ring);
    if (!request) return -1;
    io_uring_prep_recvmsg_multishot(request, descriptor, layout, 0);
    request->flags |= IOSQE_BUFFER_SELECT;
    request->buf_group = 0;
    request->user_data = stream;
    return 0;
}

static int relay_socket(uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(port)};
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(descriptor, (struct sockaddr *)&local, sizeof local) < 0 ? -1 : descriptor;
}

int64_t benchmark_baseline_relay(struct benchmark_load load, const volatile int *stop, volatile int *is_ready) {
    struct io_uring ring;
    struct io_uring_params parameters = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN
            | IORING_SETUP_CQSIZE,
        .cq_entries = 16384,
    };
    if (io_uring_queue_init_params(4096, &ring, &parameters) < 0) return -1;
    size_t ring_bytes = buffers * sizeof(struct io_uring_buf);
    struct io_uring_buf_ring *provided =
        mmap(NULL, ring_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *memory = calloc(buffers, buffer_bytes);
    struct outgoing *outgoing = calloc(buffers, sizeof *outgoing);
    struct io_uring_buf_reg registration = {.ring_addr = (uint64_t)(uintptr_t)provided, .ring_entries = buffers};
    if (io_uring_register_buf_ring(&ring, &registration, 0) < 0) return -1;
    for (int index = 0; index < buffers; index++) {
        io_uring_buf_ring_add(provided, memory + index * buffer_bytes, buffer_bytes, (uint16_t)index, buffers - 1, index);
    }
    io_uring_buf_ring_advance(provided, buffers);
    struct msghdr layout = {.msg_namelen = name_bytes};
    int *in = malloc(load.streams * sizeof *in);
    int *out = malloc(load.streams * sizeof *out);
    for (uint32_t stream = 0; stream < load.streams; stream++) {
        in[stream] = relay_socket((uint16_t)(load.first_relay_port + stream));
        out[stream] = relay_socket((uint16_t)(load.first_relay_port + load.streams + stream));
        if (in[stream] < 0 || out[stream] < 0 || arm(&ring, in[stream], &layout, stream) < 0) return -1;
    }
    struct sockaddr_in sink = {.sin_family = AF_INET, .sin_port = htons(load.sink_port)};
    sink.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int64_t relayed = 0;
    *is_ready = 1;
    while (!*stop) {
        struct __kernel_timespec patience = {.tv_nsec = 100000000};
        struct io_uring_cqe *completion;
        unsigned head, count = 0;
        io_uring_submit_and_wait_timeout(&ring, &completion, 1, &patience, NULL);
        io_uring_for_each_cqe(&ring, head, completion) {
            count++;
            if (completion->user_data & send_bit) {
                int buffer = (int)(completion->user_data & 0xFFFF);
                io_uring_buf_ring_add(provided, memory + buffer * buffer_bytes, buffer_bytes, (uint16_t)buffer, buffers - 1, 0);
                io_uring_buf_ring_advance(provided, 1);
                continue;
            }
            uint32_t stream = (uint32_t)completion->user_data;
            if (completion->flags & IORING_CQE_F_BUFFER) {
                int buffer = completion->flags >> IORING_CQE_BUFFER_SHIFT;
                outgoing[buffer].vector = (struct iovec){
                    memory + buffer * buffer_bytes + header_bytes, (size_t)completion->res - header_bytes};
                outgoing[buffer].message = (struct msghdr){
                    .msg_name = &sink, .msg_namelen = sizeof sink, .msg_iov = &outgoing[buffer].vector, .msg_iovlen = 1};
                struct io_uring_sqe *request = io_uring_get_sqe(&ring);
                if (!request) return -1;
                io_uring_prep_sendmsg(request, out[stream], &outgoing[buffer].message, 0);
                request->user_data = send_bit | (uint64_t)buffer;
                relayed++;
            }
            if (!(completion->flags & IORING_CQE_F_MORE)) arm(&ring, in[stream], &layout, stream);
        }
        io_uring_cq_advance(&ring, count);
    }
    io_uring_queue_exit(&ring);
    for (uint32_t stream = 0; stream < load.streams; stream++) {
        close(in[stream]);
        close(out[stream]);
    }
    munmap(provided, ring_bytes);
    free(memory);
    free(outgoing);
    free(in);
    free(out);
    return relayed;
}
