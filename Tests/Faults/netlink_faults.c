// Preloaded into crosspointd: what the kernel may do to a netfilter netlink socket, on request.
//
// The file that NETLINK_FAULTS names holds three numbers of 32 bits: the fault (below), how many requests to leave alone
// first, and how many to hit after that (-1: all). The test writes them while the daemon runs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum fault {
    NONE,
    // The request arrives, its answers do not fit the receive buffer.
    OVERRUN,
    // The request is refused with this error; the kernel has done nothing.
    REFUSED_EBUSY,
    REFUSED_EPERM,
    REFUSED_ENOMEM,
    // The request arrives, but there is no answer.
    NO_ANSWER,
    // The request arrives, its answer is cut short.
    TRUNCATED,
    // Each piece of a dump says that the dump was interrupted.
    INTERRUPTED_DUMP,
    // The request cannot be sent.
    SEND_ENOBUFS,
    SEND_EPERM,
};

struct order {
    _Atomic int32_t fault, skip, times;
    // How many requests were hit.
    _Atomic int32_t hit;
};

// What is to happen to the answers on a descriptor.
static _Atomic int32_t pending[1024];
static _Atomic uint32_t refused_sequence[1024];
static struct order *order;

__attribute__((constructor)) static void open_order(void)
{
    const char *path = getenv("NETLINK_FAULTS");
    int descriptor = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void *memory = mmap(NULL, sizeof *order, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory != MAP_FAILED) order = memory;
}

static int is_netfilter(int descriptor)
{
    int domain = 0, protocol = 0, saved = errno;
    socklen_t length = sizeof domain;
    if (!order || descriptor < 0 || descriptor >= 1024) return 0;
    getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length);
    getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL, &protocol, &length);
    errno = saved;
    return domain == AF_NETLINK && protocol == NETLINK_NETFILTER;
}

static enum fault next_fault(void)
{
    if (atomic_load(&order->fault) == NONE) return NONE;
    if (atomic_load(&order->skip) > 0) {
        atomic_fetch_sub(&order->skip, 1);
        return NONE;
    }
    int32_t times = atomic_load(&order->times);
    if (times == 0) return NONE;
    if (times > 0) atomic_fetch_sub(&order->times, 1);
    atomic_fetch_add(&order->hit, 1);
    return (enum fault)atomic_load(&order->fault);
}

// The last message that asks to be acknowledged; the kernel would name the first that it refuses.
static uint32_t acknowledged(const uint8_t *bytes, size_t length)
{
    uint32_t sequence = 0;
    struct nlmsghdr header;
    for (size_t at = 0; at + sizeof header <= length; at += NLMSG_ALIGN(header.nlmsg_len)) {
        memcpy(&header, bytes + at, sizeof header);
        if (header.nlmsg_len < sizeof header) break;
        if (header.nlmsg_flags & (NLM_F_ACK | NLM_F_DUMP)) sequence = header.nlmsg_seq;
    }
    return sequence;
}

ssize_t sendto(int descriptor, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t to_length)
{
    static ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
    if (!real) real = (ssize_t(*)(int, const void *, size_t, int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "sendto");
    if (!is_netfilter(descriptor)) return real(descriptor, bytes, length, flags, to, to_length);
    enum fault fault = next_fault();
    atomic_store(&pending[descriptor], (int32_t)fault);
    switch (fault) {
    case REFUSED_EBUSY:
    case REFUSED_EPERM:
    case REFUSED_ENOMEM:
        atomic_store(&refused_sequence[descriptor], acknowledged(bytes, length));
        return (ssize_t)length;
    case SEND_ENOBUFS: errno = ENOBUFS; return -1;
    case SEND_EPERM: errno = EPERM; return -1;
    default: return real(descriptor, bytes, length, flags, to, to_length);
    }
}

typedef ssize_t (*receiver)(int, struct msghdr *, int);

static ssize_t refusal(int descriptor, struct msghdr *message, int error)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
    } answer = {0};
    answer.header.nlmsg_len = sizeof answer;
    answer.header.nlmsg_type = NLMSG_ERROR;
    answer.header.nlmsg_seq = atomic_load(&refused_sequence[descriptor]);
    answer.error.error = -error;
    answer.error.msg.nlmsg_len = sizeof(struct nlmsghdr);
    answer.error.msg.nlmsg_seq = answer.header.nlmsg_seq;
    memcpy(message->msg_iov[0].iov_base, &answer, sizeof answer);
    if (message->msg_name) memset(message->msg_name, 0, message->msg_namelen);
    return sizeof answer;
}

static void swallow(receiver real, int descriptor, struct msghdr *message, int flags)
{
    while (real(descriptor, message, flags | MSG_DONTWAIT) > 0) {}
}

static void mark_interrupted(uint8_t *bytes, size_t length)
{
    struct nlmsghdr header;
    for (size_t at = 0; at + sizeof header <= length; at += NLMSG_ALIGN(header.nlmsg_len)) {
        memcpy(&header, bytes + at, sizeof header);
        if (header.nlmsg_len < sizeof header) break;
        if (!(header.nlmsg_flags & NLM_F_MULTI)) continue;
        header.nlmsg_flags |= NLM_F_DUMP_INTR;
        memcpy(bytes + at, &header, sizeof header);
    }
}

ssize_t recvmsg(int descriptor, struct msghdr *message, int flags)
{
    static receiver real;
    if (!real) real = (receiver)dlsym(RTLD_NEXT, "recvmsg");
    if (!is_netfilter(descriptor)) return real(descriptor, message, flags);
    enum fault fault = (enum fault)atomic_load(&pending[descriptor]);
    if (fault != INTERRUPTED_DUMP) atomic_store(&pending[descriptor], NONE);
    ssize_t received;
    switch (fault) {
    case OVERRUN:
        swallow(real, descriptor, message, flags);
        errno = ENOBUFS;
        return -1;
    case REFUSED_EBUSY: return refusal(descriptor, message, EBUSY);
    case REFUSED_EPERM: return refusal(descriptor, message, EPERM);
    case REFUSED_ENOMEM: return refusal(descriptor, message, ENOMEM);
    case NO_ANSWER:
        swallow(real, descriptor, message, flags);
        errno = EAGAIN;
        return -1;
    case TRUNCATED:
        received = real(descriptor, message, flags);
        return received > 18 ? 18 : received;
    case INTERRUPTED_DUMP:
        received = real(descriptor, message, flags);
        if (received > 0) mark_interrupted(message->msg_iov[0].iov_base, (size_t)received);
        return received;
    default: return real(descriptor, message, flags);
    }
}
