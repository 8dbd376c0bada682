// netinet/in.h must come before the kernel's headers: both define the IPPROTO constants.
#pragma once
#include <netinet/in.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>

#include "CNetfilter.h"

/// The next free place in the buffer, or null when less than CROSSPOINT_MESSAGE_ROOM is left.
static inline void *crosspoint_tail(struct crosspoint_messages *messages)
{
    return crosspoint_has_room(messages) ? messages->bytes + messages->length : NULL;
}

/// Accounts for a finished message.
static inline uint32_t crosspoint_finish(struct crosspoint_messages *messages, const struct nlmsghdr *header)
{
    messages->length += MNL_ALIGN(header->nlmsg_len);
    return header->nlmsg_seq;
}

static inline uint32_t crosspoint_next_sequence(struct crosspoint_messages *messages)
{
    // 0 means "failed" to callers, so the count skips it.
    if (++messages->sequence == 0) messages->sequence = 1;
    return messages->sequence;
}

static inline size_t crosspoint_address_length(bool is_ipv6) { return is_ipv6 ? 16 : 4; }
