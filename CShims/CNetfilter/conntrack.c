// conntrack messages, built and read with libnetfilter_conntrack.
#include "internal.h"

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <string.h>

_Static_assert((int)CROSSPOINT_CONNTRACK_DELETE == (int)IPCTNL_MSG_CT_DELETE, "ctnetlink's number");
_Static_assert((int)CROSSPOINT_CONNTRACK_GET == (int)IPCTNL_MSG_CT_GET, "ctnetlink's number");

static struct nlmsghdr *start(
    struct crosspoint_messages *messages, uint16_t type, bool is_ipv6, uint16_t flags)
{
    void *tail = crosspoint_tail(messages);
    if (!tail) return NULL;
    struct nlmsghdr *header = mnl_nlmsg_put_header(tail);
    header->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
    header->nlmsg_flags = NLM_F_REQUEST | flags;
    header->nlmsg_seq = crosspoint_next_sequence(messages);
    struct nfgenmsg *family = mnl_nlmsg_put_extra_header(header, sizeof *family);
    family->nfgen_family = is_ipv6 ? AF_INET6 : AF_INET;
    family->version = NFNETLINK_V0;
    family->res_id = 0;
    return header;
}

/// Which attributes hold one end, so that the families share their code.
struct end_attributes {
    enum nf_conntrack_attr address4, address6, port;
};

static const struct end_attributes original_source = {ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC, ATTR_ORIG_PORT_SRC};
static const struct end_attributes original_destination = {ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST, ATTR_ORIG_PORT_DST};
static const struct end_attributes reply_source = {ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC, ATTR_REPL_PORT_SRC};
static const struct end_attributes reply_destination = {ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST, ATTR_REPL_PORT_DST};
static const struct end_attributes new_source = {ATTR_SNAT_IPV4, ATTR_SNAT_IPV6, ATTR_SNAT_PORT};
static const struct end_attributes new_destination = {ATTR_DNAT_IPV4, ATTR_DNAT_IPV6, ATTR_DNAT_PORT};

static void set_end(
    struct nf_conntrack *entry, const struct end_attributes *attributes, bool is_ipv6,
    const struct crosspoint_end *end)
{
    nfct_set_attr(entry, is_ipv6 ? attributes->address6 : attributes->address4, end->address);
    nfct_set_attr_u16(entry, attributes->port, end->port);
}

static void set_original(
    struct nf_conntrack *entry, bool is_ipv6, const struct crosspoint_end *from,
    const struct crosspoint_end *to)
{
    nfct_set_attr_u8(entry, ATTR_ORIG_L3PROTO, is_ipv6 ? AF_INET6 : AF_INET);
    nfct_set_attr_u8(entry, ATTR_ORIG_L4PROTO, IPPROTO_UDP);
    set_end(entry, &original_source, is_ipv6, from);
    set_end(entry, &original_destination, is_ipv6, to);
}

static uint32_t finish(
    struct crosspoint_messages *messages, struct nlmsghdr *header, struct nf_conntrack *entry)
{
    bool complete = nfct_nlmsg_build(header, entry) == 0;
    nfct_destroy(entry);
    return complete ? crosspoint_finish(messages, header) : 0;
}

uint32_t crosspoint_put_conntrack_create(
    struct crosspoint_messages *messages, const struct crosspoint_flow *flow, uint32_t status,
    uint32_t timeout_seconds)
{
    struct nlmsghdr *header = start(
        messages, IPCTNL_MSG_CT_NEW, flow->is_ipv6, NLM_F_CREATE | NLM_F_EXCL);
    struct nf_conntrack *entry = header ? nfct_new() : NULL;
    if (!entry) return 0;
    set_original(entry, flow->is_ipv6, &flow->source, &flow->local);
    // The reply is the plain inverse: the kernel translates it itself from the NAT attributes. An already translated
    // reply would look the same in listings and translate nothing.
    nfct_set_attr_u8(entry, ATTR_REPL_L3PROTO, flow->is_ipv6 ? AF_INET6 : AF_INET);
    nfct_set_attr_u8(entry, ATTR_REPL_L4PROTO, IPPROTO_UDP);
    set_end(entry, &reply_source, flow->is_ipv6, &flow->local);
    set_end(entry, &reply_destination, flow->is_ipv6, &flow->source);
    set_end(entry, &new_source, flow->is_ipv6, &flow->relay);
    set_end(entry, &new_destination, flow->is_ipv6, &flow->destination);
    nfct_set_attr_u32(entry, ATTR_STATUS, status);
    nfct_set_attr_u32(entry, ATTR_TIMEOUT, timeout_seconds);
    return finish(messages, header, entry);
}

uint32_t crosspoint_put_conntrack_named(
    struct crosspoint_messages *messages, uint16_t type, bool is_ipv6, const struct crosspoint_end *from,
    const struct crosspoint_end *to)
{
    struct nlmsghdr *header = start(messages, type, is_ipv6, 0);
    struct nf_conntrack *entry = header ? nfct_new() : NULL;
    if (!entry) return 0;
    set_original(entry, is_ipv6, from, to);
    return finish(messages, header, entry);
}

uint32_t crosspoint_put_conntrack_dump(struct crosspoint_messages *messages, bool is_ipv6)
{
    struct nlmsghdr *header = start(messages, IPCTNL_MSG_CT_GET, is_ipv6, NLM_F_DUMP);
    return header ? crosspoint_finish(messages, header) : 0;
}

static void get_end(
    const struct nf_conntrack *entry, const struct end_attributes *attributes, bool is_ipv6,
    struct crosspoint_end *end)
{
    memset(end, 0, sizeof *end);
    const void *address = nfct_get_attr(entry, is_ipv6 ? attributes->address6 : attributes->address4);
    if (address) memcpy(end->address, address, crosspoint_address_length(is_ipv6));
    end->port = nfct_get_attr_u16(entry, attributes->port);
}

bool crosspoint_read_conntrack(const void *header, struct crosspoint_conntrack *out)
{
    struct nf_conntrack *entry = nfct_new();
    if (!entry) return false;
    bool complete = nfct_nlmsg_parse(header, entry) == 0;
    if (complete) {
        bool is_ipv6 = nfct_get_attr_u8(entry, ATTR_ORIG_L3PROTO) == AF_INET6;
        out->is_ipv6 = is_ipv6;
        out->protocol = nfct_get_attr_u8(entry, ATTR_ORIG_L4PROTO);
        out->status = nfct_get_attr_u32(entry, ATTR_STATUS);
        get_end(entry, &original_source, is_ipv6, &out->original_source);
        get_end(entry, &original_destination, is_ipv6, &out->original_destination);
        get_end(entry, &reply_source, is_ipv6, &out->reply_source);
        get_end(entry, &reply_destination, is_ipv6, &out->reply_destination);
    }
    nfct_destroy(entry);
    return complete;
}
