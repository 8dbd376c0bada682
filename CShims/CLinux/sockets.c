#define _GNU_SOURCE
#include "crosspoint_linux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(sizeof(struct sockaddr_in6) == CROSSPOINT_SOCKADDR_BYTES, "the larger of the two families");

static void store_big_endian(uint8_t *octets, uint64_t value) {
    for (int index = 7; index >= 0; index--, value >>= 8) octets[index] = (uint8_t)value;
}

static uint64_t load_big_endian(const uint8_t *octets) {
    uint64_t value = 0;
    for (int index = 0; index < 8; index++) value = value << 8 | octets[index];
    return value;
}

uint32_t crosspoint_sockaddr_write(struct crosspoint_address address, void *storage) {
    if (address.family == 6) {
        struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(address.port)};
        store_big_endian(six.sin6_addr.s6_addr, address.high);
        store_big_endian(six.sin6_addr.s6_addr + 8, address.low);
        memcpy(storage, &six, sizeof six);
        return sizeof six;
    }
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(address.port)};
    four.sin_addr.s_addr = htonl((uint32_t)address.low);
    memcpy(storage, &four, sizeof four);
    return sizeof four;
}

struct crosspoint_address crosspoint_sockaddr_read(const void *storage, uint32_t length) {
    struct crosspoint_address address = {0};
    uint16_t family = 0;
    if (length >= sizeof family) memcpy(&family, storage, sizeof family);
    if (family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in four;
        memcpy(&four, storage, sizeof four);
        address.family = 4;
        address.low = ntohl(four.sin_addr.s_addr);
        address.port = ntohs(four.sin_port);
    } else if (family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 six;
        memcpy(&six, storage, sizeof six);
        address.family = 6;
        address.high = load_big_endian(six.sin6_addr.s6_addr);
        address.low = load_big_endian(six.sin6_addr.s6_addr + 8);
        address.port = ntohs(six.sin6_port);
    }
    return address;
}

int crosspoint_udp_set_traffic_class(int descriptor, uint8_t family, uint8_t traffic_class) {
    int value = traffic_class;
    int result = family == 6
        ? setsockopt(descriptor, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value)
        : setsockopt(descriptor, IPPROTO_IP, IP_TOS, &value, sizeof value);
    return result < 0 ? -errno : 0;
}

int crosspoint_udp_report_traffic_class(int descriptor, uint8_t family) {
    int one = 1;
    int result = family == 6
        ? setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVTCLASS, &one, sizeof one)
        : setsockopt(descriptor, IPPROTO_IP, IP_RECVTOS, &one, sizeof one);
    return result < 0 ? -errno : 0;
}

// Configures and binds a new socket; returns 0 or minus errno.
static int configure(
    int descriptor, struct crosspoint_address local, struct crosspoint_udp_options options,
    const char **attempted) {
    int one = 1;
    *attempted = "setting IPV6_V6ONLY";
    if (local.family == 6 && setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) < 0) {
        return -errno;
    }
    *attempted = "setting the receive buffer";
    if (options.receive_buffer_bytes > 0
        && setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes, sizeof(int32_t)) < 0) {
        return -errno;
    }
    *attempted = "setting the send buffer";
    if (options.send_buffer_bytes > 0
        && setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &options.send_buffer_bytes, sizeof(int32_t)) < 0) {
        return -errno;
    }
    if (options.traffic_class != 0) {
        *attempted = "setting the traffic class";
        int result = crosspoint_udp_set_traffic_class(descriptor, local.family, options.traffic_class);
        if (result < 0) return result;
    }
    *attempted = "binding";
    uint8_t storage[CROSSPOINT_SOCKADDR_BYTES];
    uint32_t length = crosspoint_sockaddr_write(local, storage);
    struct sockaddr_storage address = {0};
    memcpy(&address, storage, length);
    return bind(descriptor, (struct sockaddr *)&address, length) < 0 ? -errno : 0;
}

int crosspoint_udp_open(
    struct crosspoint_address local, struct crosspoint_udp_options options, const char **attempted) {
    *attempted = "creating a UDP socket";
    if (local.family != 4 && local.family != 6) return -EAFNOSUPPORT;
    int domain = local.family == 6 ? AF_INET6 : AF_INET;
    int descriptor = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int result = configure(descriptor, local, options, attempted);
    if (result == 0) return descriptor;
    close(descriptor);
    return result;
}

int crosspoint_udp_local_address(int descriptor, struct crosspoint_address *local) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length) < 0) return -errno;
    *local = crosspoint_sockaddr_read(&storage, length);
    return 0;
}

int crosspoint_udp_lost(int descriptor, uint32_t *datagrams) {
    uint32_t information[SK_MEMINFO_VARS];
    socklen_t length = sizeof information;
    if (getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, information, &length) < 0) return -errno;
    *datagrams = length > SK_MEMINFO_DROPS * sizeof(uint32_t) ? information[SK_MEMINFO_DROPS] : 0;
    return 0;
}

static int32_t reported_traffic_class(struct msghdr *message) {
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TOS) {
            return *(uint8_t *)CMSG_DATA(header);
        }
        if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_TCLASS) {
            int value;
            memcpy(&value, CMSG_DATA(header), sizeof value);
            return value;
        }
    }
    return -1;
}

int crosspoint_udp_receive(int descriptor, void *buffer, size_t capacity, struct crosspoint_datagram *datagram) {
    struct sockaddr_storage source;
    _Alignas(struct cmsghdr) uint8_t control[64];
    struct iovec vector = {.iov_base = buffer, .iov_len = capacity};
    struct msghdr message = {
        .msg_name = &source, .msg_namelen = sizeof source, .msg_iov = &vector, .msg_iovlen = 1,
        .msg_control = control, .msg_controllen = sizeof control,
    };
    ssize_t length;
    do length = recvmsg(descriptor, &message, MSG_DONTWAIT);
    while (length < 0 && errno == EINTR);
    if (length < 0) return -errno;
    datagram->source = crosspoint_sockaddr_read(&source, message.msg_namelen);
    datagram->length = (uint32_t)length;
    datagram->traffic_class = reported_traffic_class(&message);
    datagram->was_truncated = (message.msg_flags & MSG_TRUNC) != 0;
    return 0;
}

int64_t crosspoint_udp_send(
    int descriptor, const void *bytes, size_t length, struct crosspoint_address destination) {
    uint8_t storage[CROSSPOINT_SOCKADDR_BYTES];
    socklen_t address_length = crosspoint_sockaddr_write(destination, storage);
    struct sockaddr_storage address = {0};
    memcpy(&address, storage, address_length);
    ssize_t sent;
    do {
        sent = sendto(
            descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address,
            address_length);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

int crosspoint_wait_readable(int descriptor, int timeout_milliseconds) {
    struct pollfd poller = {.fd = descriptor, .events = POLLIN};
    int result = poll(&poller, 1, timeout_milliseconds);
    return result < 0 ? -errno : result;
}

void crosspoint_close(int descriptor) {
    if (descriptor >= 0) close(descriptor);
}

int crosspoint_eventfd_open(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int crosspoint_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    ssize_t written;
    do written = write(descriptor, &one, sizeof one);
    while (written < 0 && errno == EINTR);
    return written < 0 ? -errno : 0;
}
