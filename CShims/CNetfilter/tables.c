// nf_tables messages: table, chains, maps, elements and the questions about them, built with libnftnl.
#include "internal.h"

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <string.h>

uint32_t crosspoint_put_batch_begin(struct crosspoint_messages *messages)
{
    char *tail = crosspoint_tail(messages);
    if (!tail) return 0;
    return crosspoint_finish(messages, nftnl_batch_begin(tail, crosspoint_next_sequence(messages)));
}

uint32_t crosspoint_put_batch_end(struct crosspoint_messages *messages)
{
    char *tail = crosspoint_tail(messages);
    if (!tail) return 0;
    return crosspoint_finish(messages, nftnl_batch_end(tail, crosspoint_next_sequence(messages)));
}

static struct nlmsghdr *start(
    struct crosspoint_messages *messages, uint16_t type, uint16_t family, uint16_t flags)
{
    char *tail = crosspoint_tail(messages);
    if (!tail) return NULL;
    return nftnl_nlmsg_build_hdr(tail, type, family, flags, crosspoint_next_sequence(messages));
}

static uint32_t finish_if(bool complete, struct crosspoint_messages *messages, struct nlmsghdr *header)
{
    return complete && header ? crosspoint_finish(messages, header) : 0;
}

uint32_t crosspoint_put_table(
    struct crosspoint_messages *messages, uint16_t type, uint16_t flags, const char *table)
{
    struct nlmsghdr *header = start(messages, type, NFPROTO_INET, flags);
    struct nftnl_table *object = header ? nftnl_table_alloc() : NULL;
    if (!object) return 0;
    bool complete = nftnl_table_set_str(object, NFTNL_TABLE_NAME, table) == 0;
    nftnl_table_nlmsg_build_payload(header, object);
    nftnl_table_free(object);
    return finish_if(complete, messages, header);
}

uint32_t crosspoint_put_chain(
    struct crosspoint_messages *messages, const char *table, const char *chain, const char *chain_type,
    uint32_t hook, int32_t priority, int32_t policy)
{
    struct nlmsghdr *header = start(messages, NFT_MSG_NEWCHAIN, NFPROTO_INET, NLM_F_CREATE | NLM_F_EXCL);
    struct nftnl_chain *object = header ? nftnl_chain_alloc() : NULL;
    if (!object) return 0;
    bool complete = nftnl_chain_set_str(object, NFTNL_CHAIN_TABLE, table) == 0
        && nftnl_chain_set_str(object, NFTNL_CHAIN_NAME, chain) == 0;
    if (chain_type) {
        complete = complete && nftnl_chain_set_str(object, NFTNL_CHAIN_TYPE, chain_type) == 0;
        nftnl_chain_set_u32(object, NFTNL_CHAIN_HOOKNUM, hook);
        nftnl_chain_set_s32(object, NFTNL_CHAIN_PRIO, priority);
        if (policy >= 0) nftnl_chain_set_u32(object, NFTNL_CHAIN_POLICY, (uint32_t)policy);
    }
    nftnl_chain_nlmsg_build_payload(header, object);
    nftnl_chain_free(object);
    return finish_if(complete, messages, header);
}

static bool describe_map(
    struct nftnl_set *object, const char *table, const char *map, const struct crosspoint_map_layout *layout)
{
    nftnl_set_set_u32(object, NFTNL_SET_FAMILY, NFPROTO_INET);
    nftnl_set_set_u32(object, NFTNL_SET_FLAGS, NFT_SET_MAP);
    nftnl_set_set_u32(object, NFTNL_SET_KEY_TYPE, layout->key_type);
    nftnl_set_set_u32(object, NFTNL_SET_KEY_LEN, layout->key_length);
    nftnl_set_set_u32(object, NFTNL_SET_DATA_TYPE, layout->data_type);
    nftnl_set_set_u32(object, NFTNL_SET_DATA_LEN, layout->data_length);
    nftnl_set_set_u32(object, NFTNL_SET_ID, layout->identifier);
    if (nftnl_set_set_str(object, NFTNL_SET_TABLE, table) != 0
        || nftnl_set_set_str(object, NFTNL_SET_NAME, map) != 0)
        return false;
    if (layout->is_counted) {
        struct nftnl_expr *counter = nftnl_expr_alloc("counter");
        if (!counter) return false;
        nftnl_set_add_expr(object, counter);
    }
    return true;
}

uint32_t crosspoint_put_map(
    struct crosspoint_messages *messages, const char *table, const char *map,
    const struct crosspoint_map_layout *layout)
{
    struct nlmsghdr *header = start(messages, NFT_MSG_NEWSET, NFPROTO_INET, NLM_F_CREATE | NLM_F_EXCL);
    struct nftnl_set *object = header ? nftnl_set_alloc() : NULL;
    if (!object) return 0;
    bool complete = describe_map(object, table, map, layout);
    if (complete) nftnl_set_nlmsg_build_payload(header, object);
    nftnl_set_free(object);
    return finish_if(complete, messages, header);
}

// MARK: Questions

uint32_t crosspoint_put_chain_dump(struct crosspoint_messages *messages, uint8_t family)
{
    struct nlmsghdr *header = start(messages, NFT_MSG_GETCHAIN, family, NLM_F_DUMP);
    return header ? crosspoint_finish(messages, header) : 0;
}

uint32_t crosspoint_put_rule_dump(
    struct crosspoint_messages *messages, uint8_t family, const char *table, const char *chain)
{
    struct nlmsghdr *header = start(messages, NFT_MSG_GETRULE, family, NLM_F_DUMP);
    if (!header) return 0;
    if (strlen(table) >= NFT_TABLE_MAXNAMELEN || strlen(chain) >= NFT_CHAIN_MAXNAMELEN) return 0;
    mnl_attr_put_strz(header, NFTA_RULE_TABLE, table);
    mnl_attr_put_strz(header, NFTA_RULE_CHAIN, chain);
    return crosspoint_finish(messages, header);
}

uint32_t crosspoint_put_element_dump(struct crosspoint_messages *messages, const char *table, const char *map)
{
    struct nlmsghdr *header = start(messages, NFT_MSG_GETSETELEM, NFPROTO_INET, NLM_F_DUMP);
    if (!header) return 0;
    mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_TABLE, table);
    mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_SET, map);
    return crosspoint_finish(messages, header);
}

// MARK: Elements

/// Writes address . port, each field padded to whole 32-bit registers.
static size_t write_end(uint8_t *out, const struct crosspoint_end *end, bool is_ipv6)
{
    size_t address_length = crosspoint_address_length(is_ipv6);
    memcpy(out, end->address, address_length);
    memset(out + address_length, 0, 4);
    memcpy(out + address_length, &end->port, 2);
    return address_length + 4;
}

static bool set_comment(struct nftnl_set_elem *element, const char *comment)
{
    uint8_t userdata[2 + NFTNL_UDATA_COMMENT_MAXLEN];
    size_t length = strlen(comment) + 1;
    if (length > NFTNL_UDATA_COMMENT_MAXLEN) return false;
    userdata[0] = NFTNL_UDATA_SET_ELEM_COMMENT;
    userdata[1] = (uint8_t)length;
    memcpy(userdata + 2, comment, length);
    return nftnl_set_elem_set(element, NFTNL_SET_ELEM_USERDATA, userdata, (uint32_t)(2 + length)) == 0;
}

static bool describe_element(
    struct nftnl_set_elem *element, const struct crosspoint_flow *flow, enum crosspoint_element_value value,
    const char *comment)
{
    uint8_t key[40], data[20];
    size_t key_length = write_end(key, &flow->source, flow->is_ipv6);
    key_length += write_end(key + key_length, &flow->local, flow->is_ipv6);
    if (nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key, (uint32_t)key_length) != 0) return false;
    if (value == CROSSPOINT_VALUE_NONE) return true;
    const struct crosspoint_end *end = value == CROSSPOINT_VALUE_RELAY ? &flow->relay : &flow->destination;
    size_t data_length = write_end(data, end, flow->is_ipv6);
    if (nftnl_set_elem_set(element, NFTNL_SET_ELEM_DATA, data, (uint32_t)data_length) != 0) return false;
    return !comment || set_comment(element, comment);
}

uint32_t crosspoint_put_element(
    struct crosspoint_messages *messages, uint16_t type, uint16_t flags, const char *table, const char *map,
    const struct crosspoint_flow *flow, enum crosspoint_element_value value, const char *comment)
{
    struct nlmsghdr *header = start(messages, type, NFPROTO_INET, flags);
    struct nftnl_set_elem *element = header ? nftnl_set_elem_alloc() : NULL;
    if (!element) return 0;
    bool complete = describe_element(element, flow, value, comment);
    if (complete) {
        mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_TABLE, table);
        mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_SET, map);
        struct nlattr *list = mnl_attr_nest_start(header, NFTA_SET_ELEM_LIST_ELEMENTS);
        nftnl_set_elem_nlmsg_build(header, element, 1);
        mnl_attr_nest_end(header, list);
    }
    nftnl_set_elem_free(element);
    return finish_if(complete, messages, header);
}
