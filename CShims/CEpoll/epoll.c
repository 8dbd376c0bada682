#define _GNU_SOURCE
#include "crosspoint_epoll.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { events_at_once = 256 };

int crosspoint_epoll_open(void) {
    int descriptor = epoll_create1(EPOLL_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int crosspoint_epoll_add(int epoll, int descriptor, uint32_t number) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

int crosspoint_epoll_remove(int epoll, int descriptor) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL) < 0 ? -errno : 0;
}

int crosspoint_epoll_wait(int epoll, uint32_t *numbers, uint32_t capacity, int timeout_milliseconds) {
    struct epoll_event events[events_at_once];
    int room = capacity < events_at_once ? (int)capacity : events_at_once;
    int count = epoll_wait(epoll, events, room, timeout_milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int index = 0; index < count; index++) numbers[index] = events[index].data.u32;
    return count;
}

void crosspoint_eventfd_take(int descriptor) {
    uint64_t count;
    ssize_t result;
    do result = read(descriptor, &count, sizeof count);
    while (result < 0 && errno == EINTR);
}

void crosspoint_sleep(uint64_t nanoseconds) {
    struct timespec duration = {
        .tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_nsec = (long)(nanoseconds % 1000000000u)};
    nanosleep(&duration, NULL);
}

// MARK: Receiving

struct buffer_place {
    uint8_t address[CROSSPOINT_SOCKADDR_BYTES];
    uint32_t address_length;
    // Octets of the datagram, which may be more than the buffer has room for.
    uint32_t length;
};

struct crosspoint_inbox {
    uint32_t buffers;
    uint32_t payload_bytes;
    size_t memory_bytes;
    uint8_t *memory;
    struct buffer_place places[];
};

int crosspoint_inbox_open(uint32_t buffers, uint32_t payload_bytes, struct crosspoint_inbox **inbox) {
    struct crosspoint_inbox *self = calloc(1, sizeof *self + buffers * sizeof self->places[0]);
    if (!self) return -ENOMEM;
    self->buffers = buffers;
    self->payload_bytes = payload_bytes;
    self->memory_bytes = (size_t)buffers * payload_bytes;
    self->memory = mmap(NULL, self->memory_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (self->memory == MAP_FAILED) {
        free(self);
        return -ENOMEM;
    }
    *inbox = self;
    return 0;
}

void crosspoint_inbox_close(struct crosspoint_inbox *self) {
    munmap(self->memory, self->memory_bytes);
    free(self);
}

static uint8_t *start_of(const struct crosspoint_inbox *self, uint32_t buffer) {
    return self->memory + (size_t)buffer * self->payload_bytes;
}

// One datagram, which is what comes in nearly always: cheaper than recvmmsg for one.
static int receive_one(struct crosspoint_inbox *self, int descriptor, uint32_t buffer) {
    struct buffer_place *place = &self->places[buffer];
    struct sockaddr_storage source;
    socklen_t length = sizeof source;
    // With MSG_TRUNC the result is the datagram's length, also where that is more than fits.
    ssize_t received = recvfrom(
        descriptor, start_of(self, buffer), self->payload_bytes, MSG_DONTWAIT | MSG_TRUNC,
        (struct sockaddr *)&source, &length);
    if (received < 0) return -errno;
    place->length = (uint32_t)received;
    place->address_length = length < sizeof place->address ? length : sizeof place->address;
    memcpy(place->address, &source, sizeof place->address);
    return 1;
}

static int receive_burst(struct crosspoint_inbox *self, int descriptor, uint32_t first, uint32_t count) {
    struct mmsghdr messages[CROSSPOINT_BURST];
    struct iovec vectors[CROSSPOINT_BURST];
    memset(messages, 0, count * sizeof messages[0]);
    for (uint32_t index = 0; index < count; index++) {
        struct buffer_place *place = &self->places[first + index];
        vectors[index].iov_base = start_of(self, first + index);
        vectors[index].iov_len = self->payload_bytes;
        messages[index].msg_hdr.msg_name = place->address;
        messages[index].msg_hdr.msg_namelen = sizeof place->address;
        messages[index].msg_hdr.msg_iov = &vectors[index];
        messages[index].msg_hdr.msg_iovlen = 1;
    }
    int received = recvmmsg(descriptor, messages, count, MSG_DONTWAIT | MSG_TRUNC, NULL);
    if (received < 0) return -errno;
    for (int index = 0; index < received; index++) {
        struct buffer_place *place = &self->places[first + (uint32_t)index];
        uint32_t length = messages[index].msg_hdr.msg_namelen;
        place->length = messages[index].msg_len;
        place->address_length = length < sizeof place->address ? length : sizeof place->address;
    }
    return received;
}

int crosspoint_inbox_receive(struct crosspoint_inbox *self, int descriptor, uint32_t first, uint32_t count) {
    if (first >= self->buffers || count > self->buffers - first || count > CROSSPOINT_BURST) return -EINVAL;
    int received;
    do {
        received = count == 1
            ? receive_one(self, descriptor, first) : receive_burst(self, descriptor, first, count);
    } while (received == -EINTR);
    return received;
}

void crosspoint_inbox_describe(
    const struct crosspoint_inbox *self, uint32_t buffer, struct crosspoint_arrival *arrival) {
    const struct buffer_place *place = &self->places[buffer];
    arrival->source = crosspoint_sockaddr_read(place->address, place->address_length);
    arrival->payload = start_of(self, buffer);
    arrival->was_truncated = place->length > self->payload_bytes;
    arrival->length = arrival->was_truncated ? self->payload_bytes : place->length;
}

// MARK: Sending

static ssize_t send_one(int descriptor, const struct crosspoint_departure *departure) {
    return sendto(
        descriptor, departure->payload, departure->length, MSG_DONTWAIT | MSG_NOSIGNAL,
        (const struct sockaddr *)departure->address, departure->address_length);
}

static int send_several(int descriptor, struct crosspoint_departure *departures, uint32_t count) {
    struct mmsghdr messages[CROSSPOINT_BURST];
    struct iovec vectors[CROSSPOINT_BURST];
    memset(messages, 0, count * sizeof messages[0]);
    for (uint32_t index = 0; index < count; index++) {
        vectors[index].iov_base = (void *)departures[index].payload;
        vectors[index].iov_len = departures[index].length;
        messages[index].msg_hdr.msg_name = departures[index].address;
        messages[index].msg_hdr.msg_namelen = departures[index].address_length;
        messages[index].msg_hdr.msg_iov = &vectors[index];
        messages[index].msg_hdr.msg_iovlen = 1;
    }
    return sendmmsg(descriptor, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int crosspoint_udp_send_burst(int descriptor, struct crosspoint_departure *departures, uint32_t count) {
    if (count == 0 || count > CROSSPOINT_BURST) return -EINVAL;
    int sent;
    do {
        sent = count == 1 ? (send_one(descriptor, departures) < 0 ? -1 : 1)
                          : send_several(descriptor, departures, count);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}
