// Sockets and the frame of received messages.
#include "internal.h"

#include <errno.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_option(int descriptor, int level, int option, int value)
{
    return setsockopt(descriptor, level, option, &value, sizeof value);
}

int crosspoint_netlink_open(int receive_buffer_octets, int send_buffer_octets, uint32_t *port_identifier)
{
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (descriptor < 0) return -errno;
    // Buffers beyond rmem_max need CAP_NET_ADMIN; without it take what the system grants.
    if (set_option(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, receive_buffer_octets) < 0)
        set_option(descriptor, SOL_SOCKET, SO_RCVBUF, receive_buffer_octets);
    if (set_option(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, send_buffer_octets) < 0)
        set_option(descriptor, SOL_SOCKET, SO_SNDBUF, send_buffer_octets);
    set_option(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, 1);
    set_option(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, 1);

    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    socklen_t length = sizeof address;
    if (bind(descriptor, (struct sockaddr *)&address, length) < 0
        || getsockname(descriptor, (struct sockaddr *)&address, &length) < 0) {
        int reason = errno;
        close(descriptor);
        return -reason;
    }
    *port_identifier = address.nl_pid;
    return descriptor;
}

int crosspoint_netlink_watch_tables(int descriptor, uint32_t ignored_port)
{
    // A transaction's notifications all carry the port of whoever made it, at octet 12 of the first header. The
    // filter's loads are big-endian, the field is in host order.
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(ignored_port), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF),
    };
    struct sock_fprog program = {.len = 4, .filter = instructions};
    if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0) return -errno;
    if (set_option(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTABLES) < 0) return -errno;
    return 0;
}

int crosspoint_netlink_send(int descriptor, const uint8_t *bytes, size_t length)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t sent = sendto(descriptor, bytes, length, 0, (struct sockaddr *)&kernel, sizeof kernel);
    if (sent < 0) return -errno;
    return (size_t)sent == length ? 0 : -EMSGSIZE;
}

ssize_t crosspoint_netlink_receive(int descriptor, uint8_t *bytes, size_t capacity)
{
    for (;;) {
        struct sockaddr_nl sender = {0};
        struct iovec vector = {.iov_base = bytes, .iov_len = capacity};
        struct msghdr message = {
            .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &vector, .msg_iovlen = 1};
        ssize_t received = recvmsg(descriptor, &message, MSG_DONTWAIT);
        if (received < 0 && errno == EINTR) continue;
        if (received < 0) return errno == EAGAIN ? 0 : -errno;
        if (message.msg_flags & MSG_TRUNC) return -ENOBUFS;
        // Other processes may send to our port; only the kernel's answers count.
        if (sender.nl_pid == 0) return received;
    }
}

static const char *error_text(const struct nlmsghdr *header)
{
    if (!(header->nlmsg_flags & NLM_F_ACK_TLVS)) return NULL;
    const struct nlmsgerr *result = mnl_nlmsg_get_payload(header);
    size_t skipped = sizeof *result;
    // Without NLM_F_CAPPED the request follows in full.
    if (!(header->nlmsg_flags & NLM_F_CAPPED)) {
        if (result->msg.nlmsg_len < sizeof result->msg) return NULL;
        skipped += MNL_ALIGN(result->msg.nlmsg_len - sizeof result->msg);
    }
    const struct nlattr *attribute;
    mnl_attr_for_each(attribute, header, skipped)
        if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG
            && mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
            return mnl_attr_get_str(attribute);
    return NULL;
}

static void read_result(const struct nlmsghdr *header, struct crosspoint_message *message)
{
    message->kind = header->nlmsg_type == NLMSG_ERROR ? CROSSPOINT_KIND_RESULT : CROSSPOINT_KIND_DONE;
    size_t needed = header->nlmsg_type == NLMSG_ERROR ? sizeof(struct nlmsgerr) : sizeof(int32_t);
    if (mnl_nlmsg_get_payload_len(header) < needed) {
        message->error = header->nlmsg_type == NLMSG_ERROR ? EBADMSG : 0;
        return;
    }
    message->error = -*(const int32_t *)mnl_nlmsg_get_payload(header);
    if (header->nlmsg_type == NLMSG_ERROR) message->text = error_text(header);
}

static enum crosspoint_message_kind kind_of(uint16_t nlmsg_type)
{
    uint8_t type = NFNL_MSG_TYPE(nlmsg_type);
    switch (NFNL_SUBSYS_ID(nlmsg_type)) {
    case NFNL_SUBSYS_CTNETLINK:
        return CROSSPOINT_KIND_CONNTRACK;
    case NFNL_SUBSYS_NFTABLES:
        switch (type) {
        case NFT_MSG_NEWTABLE: case NFT_MSG_DELTABLE: return CROSSPOINT_KIND_TABLE;
        case NFT_MSG_NEWCHAIN: case NFT_MSG_DELCHAIN: return CROSSPOINT_KIND_CHAIN;
        case NFT_MSG_NEWRULE: case NFT_MSG_DELRULE: return CROSSPOINT_KIND_RULE;
        case NFT_MSG_NEWSETELEM: case NFT_MSG_DELSETELEM: return CROSSPOINT_KIND_ELEMENTS;
        default: return CROSSPOINT_KIND_OTHER;
        }
    default:
        return CROSSPOINT_KIND_OTHER;
    }
}

bool crosspoint_next_message(
    const uint8_t *bytes, size_t length, size_t *cursor, struct crosspoint_message *message)
{
    if (*cursor >= length || length - *cursor > INT32_MAX) return false;
    const struct nlmsghdr *header = (const struct nlmsghdr *)(bytes + *cursor);
    if (!mnl_nlmsg_ok(header, (int)(length - *cursor))) return false;
    *cursor += MNL_ALIGN(header->nlmsg_len);
    *message = (struct crosspoint_message){
        .sequence = header->nlmsg_seq,
        .type = NFNL_MSG_TYPE(header->nlmsg_type),
        .is_disturbed = (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0,
        .header = header,
    };
    if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE)
        read_result(header, message);
    else if (header->nlmsg_type >= NLMSG_MIN_TYPE
        && mnl_nlmsg_get_payload_len(header) >= sizeof(struct nfgenmsg))
        message->kind = kind_of(header->nlmsg_type);
    return true;
}
