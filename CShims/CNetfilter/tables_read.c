// Reading nf_tables messages with libmnl alone: dumps hold hundreds of thousands of elements, so nothing is allocated.
#define _GNU_SOURCE
#include "internal.h"

#include <string.h>

static size_t attributes_offset(void) { return sizeof(struct nfgenmsg); }

static const struct nlattr *find(const struct nlmsghdr *header, uint16_t type)
{
    const struct nlattr *attribute;
    mnl_attr_for_each(attribute, header, attributes_offset())
        if (mnl_attr_get_type(attribute) == type) return attribute;
    return NULL;
}

static const struct nlattr *find_nested(const struct nlattr *parent, uint16_t type)
{
    const struct nlattr *attribute;
    if (!parent) return NULL;
    mnl_attr_for_each_nested(attribute, parent)
        if (mnl_attr_get_type(attribute) == type) return attribute;
    return NULL;
}

static const char *text_of(const struct nlattr *attribute)
{
    if (!attribute || mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0) return NULL;
    return mnl_attr_get_str(attribute);
}

static uint32_t u32_of(const struct nlattr *attribute, uint32_t otherwise)
{
    if (!attribute || mnl_attr_get_payload_len(attribute) < 4) return otherwise;
    return ntohl(mnl_attr_get_u32(attribute));
}

static uint64_t u64_of(const struct nlattr *attribute)
{
    uint32_t halves[2];
    if (!attribute || mnl_attr_get_payload_len(attribute) < 8) return 0;
    memcpy(halves, mnl_attr_get_payload(attribute), 8);
    return (uint64_t)ntohl(halves[0]) << 32 | ntohl(halves[1]);
}

bool crosspoint_is_about_table(const void *header, const char *table)
{
    // Attribute 1 is the table's name in table, chain, rule, set, element and object messages alike.
    const struct nlmsghdr *message = header;
    if (((const struct nfgenmsg *)mnl_nlmsg_get_payload(message))->nfgen_family != NFPROTO_INET) return false;
    const char *name = text_of(find(message, NFTA_TABLE_NAME));
    return name && strcmp(name, table) == 0;
}

// MARK: Elements

static bool read_end(
    const uint8_t **bytes, size_t *left, bool is_ipv6, struct crosspoint_end *end)
{
    size_t address_length = crosspoint_address_length(is_ipv6);
    if (*left < address_length + 4) return false;
    memset(end, 0, sizeof *end);
    memcpy(end->address, *bytes, address_length);
    memcpy(&end->port, *bytes + address_length, 2);
    *bytes += address_length + 4;
    *left -= address_length + 4;
    return true;
}

static bool read_key(const struct nlattr *item, struct crosspoint_flow *flow)
{
    const struct nlattr *value = find_nested(find_nested(item, NFTA_SET_ELEM_KEY), NFTA_DATA_VALUE);
    if (!value) return false;
    const uint8_t *bytes = mnl_attr_get_payload(value);
    size_t left = mnl_attr_get_payload_len(value);
    if (left != 16 && left != 40) return false;
    flow->is_ipv6 = left == 40;
    return read_end(&bytes, &left, flow->is_ipv6, &flow->source)
        && read_end(&bytes, &left, flow->is_ipv6, &flow->local);
}

static void read_destination(const struct nlattr *item, struct crosspoint_flow *flow)
{
    const struct nlattr *value = find_nested(find_nested(item, NFTA_SET_ELEM_DATA), NFTA_DATA_VALUE);
    if (!value) return;
    const uint8_t *bytes = mnl_attr_get_payload(value);
    size_t left = mnl_attr_get_payload_len(value);
    read_end(&bytes, &left, flow->is_ipv6, &flow->destination);
}

static bool read_counter(const struct nlattr *expression, struct crosspoint_element *element)
{
    const char *name = text_of(find_nested(expression, NFTA_EXPR_NAME));
    if (!name || strcmp(name, "counter") != 0) return false;
    const struct nlattr *data = find_nested(expression, NFTA_EXPR_DATA);
    element->packets = u64_of(find_nested(data, NFTA_COUNTER_PACKETS));
    element->octets = u64_of(find_nested(data, NFTA_COUNTER_BYTES));
    return true;
}

static void read_counters(const struct nlattr *item, struct crosspoint_element *element)
{
    const struct nlattr *expression = find_nested(item, NFTA_SET_ELEM_EXPR);
    if (expression && read_counter(expression, element)) return;
    const struct nlattr *list = find_nested(item, NFTA_SET_ELEM_EXPRESSIONS);
    if (!list) return;
    mnl_attr_for_each_nested(expression, list)
        if (read_counter(expression, element)) return;
}

bool crosspoint_next_element(
    const void *header, const void **position, const char *map, struct crosspoint_element *element)
{
    const struct nlattr *item = *position;
    const struct nlattr *list = find(header, NFTA_SET_ELEM_LIST_ELEMENTS);
    if (!list) return false;
    if (!item) {
        const char *name = text_of(find(header, NFTA_SET_ELEM_LIST_SET));
        if (!name || strcmp(name, map) != 0) return false;
        item = mnl_attr_get_payload(list);
    } else {
        item = mnl_attr_next(item);
    }
    const uint8_t *end = (const uint8_t *)mnl_attr_get_payload(list) + mnl_attr_get_payload_len(list);
    if ((const uint8_t *)item >= end || !mnl_attr_ok(item, (int)(end - (const uint8_t *)item))) return false;
    *position = item;
    *element = (struct crosspoint_element){0};
    if (!read_key(item, &element->flow)) return false;
    read_destination(item, &element->flow);
    read_counters(item, element);
    return true;
}

// MARK: Other people's chains

bool crosspoint_read_base_chain(const void *header, struct crosspoint_base_chain *chain)
{
    const struct nlmsghdr *message = header;
    const struct nlattr *hook = find(message, NFTA_CHAIN_HOOK);
    if (!hook) return false;
    *chain = (struct crosspoint_base_chain){
        .table = text_of(find(message, NFTA_CHAIN_TABLE)),
        .chain = text_of(find(message, NFTA_CHAIN_NAME)),
        .chain_type = text_of(find(message, NFTA_CHAIN_TYPE)),
        .hook = u32_of(find_nested(hook, NFTA_HOOK_HOOKNUM), UINT32_MAX),
        .policy = u32_of(find(message, NFTA_CHAIN_POLICY), UINT32_MAX),
        .family = ((const struct nfgenmsg *)mnl_nlmsg_get_payload(message))->nfgen_family,
    };
    return chain->table && chain->chain && chain->chain_type;
}

bool crosspoint_rule_mentions(const void *header, const char *text)
{
    static const uint16_t places[] = {NFTA_RULE_USERDATA, NFTA_RULE_EXPRESSIONS};
    for (size_t index = 0; index < 2; index++) {
        const struct nlattr *place = find(header, places[index]);
        if (place
            && memmem(mnl_attr_get_payload(place), mnl_attr_get_payload_len(place), text, strlen(text)))
            return true;
    }
    return false;
}
