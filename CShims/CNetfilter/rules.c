// Rules, one expression a function, built with libnftnl.
#include "internal.h"

#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <stdlib.h>

struct crosspoint_rule {
    struct nftnl_rule *rule;
    /// An allocation failed somewhere: the rule must not be sent.
    bool is_broken;
};

struct crosspoint_rule *crosspoint_rule_create(const char *table, const char *chain)
{
    struct crosspoint_rule *rule = calloc(1, sizeof *rule);
    if (!rule) return NULL;
    rule->rule = nftnl_rule_alloc();
    if (!rule->rule) {
        free(rule);
        return NULL;
    }
    nftnl_rule_set_u32(rule->rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
    if (nftnl_rule_set_str(rule->rule, NFTNL_RULE_TABLE, table) != 0
        || nftnl_rule_set_str(rule->rule, NFTNL_RULE_CHAIN, chain) != 0)
        rule->is_broken = true;
    return rule;
}

/// A new expression at the end of the rule; null marks the rule as broken.
static struct nftnl_expr *add(struct crosspoint_rule *rule, const char *name)
{
    struct nftnl_expr *expression = nftnl_expr_alloc(name);
    if (expression)
        nftnl_rule_add_expr(rule->rule, expression);
    else
        rule->is_broken = true;
    return expression;
}

static void set_u32(struct nftnl_expr *expression, uint16_t attribute, uint32_t value)
{
    if (expression) nftnl_expr_set_u32(expression, attribute, value);
}

static void set_bytes(
    struct crosspoint_rule *rule, struct nftnl_expr *expression, uint16_t attribute, const void *bytes,
    uint32_t length)
{
    if (expression && nftnl_expr_set(expression, attribute, bytes, length) != 0) rule->is_broken = true;
}

static void set_text(
    struct crosspoint_rule *rule, struct nftnl_expr *expression, uint16_t attribute, const char *text)
{
    if (expression && nftnl_expr_set_str(expression, attribute, text) != 0) rule->is_broken = true;
}

void crosspoint_rule_meta(struct crosspoint_rule *rule, uint32_t key, uint32_t into)
{
    struct nftnl_expr *meta = add(rule, "meta");
    set_u32(meta, NFTNL_EXPR_META_KEY, key);
    set_u32(meta, NFTNL_EXPR_META_DREG, into);
}

void crosspoint_rule_payload(
    struct crosspoint_rule *rule, uint32_t base, uint32_t offset, uint32_t length, uint32_t into)
{
    struct nftnl_expr *payload = add(rule, "payload");
    set_u32(payload, NFTNL_EXPR_PAYLOAD_DREG, into);
    set_u32(payload, NFTNL_EXPR_PAYLOAD_BASE, base);
    set_u32(payload, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
    set_u32(payload, NFTNL_EXPR_PAYLOAD_LEN, length);
}

void crosspoint_rule_compare(
    struct crosspoint_rule *rule, uint32_t operation, uint32_t reg, const uint8_t *data, uint32_t length)
{
    struct nftnl_expr *compare = add(rule, "cmp");
    set_u32(compare, NFTNL_EXPR_CMP_SREG, reg);
    set_u32(compare, NFTNL_EXPR_CMP_OP, operation);
    set_bytes(rule, compare, NFTNL_EXPR_CMP_DATA, data, length);
}

void crosspoint_rule_range(
    struct crosspoint_rule *rule, uint32_t operation, uint32_t reg, const uint8_t *from, const uint8_t *to,
    uint32_t length)
{
    struct nftnl_expr *range = add(rule, "range");
    set_u32(range, NFTNL_EXPR_RANGE_SREG, reg);
    set_u32(range, NFTNL_EXPR_RANGE_OP, operation);
    set_bytes(rule, range, NFTNL_EXPR_RANGE_FROM_DATA, from, length);
    set_bytes(rule, range, NFTNL_EXPR_RANGE_TO_DATA, to, length);
}

void crosspoint_rule_mask(
    struct crosspoint_rule *rule, uint32_t reg, const uint8_t *mask, const uint8_t *flip, uint32_t length)
{
    struct nftnl_expr *bitwise = add(rule, "bitwise");
    set_u32(bitwise, NFTNL_EXPR_BITWISE_SREG, reg);
    set_u32(bitwise, NFTNL_EXPR_BITWISE_DREG, reg);
    set_u32(bitwise, NFTNL_EXPR_BITWISE_LEN, length);
    set_u32(bitwise, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
    set_bytes(rule, bitwise, NFTNL_EXPR_BITWISE_MASK, mask, length);
    set_bytes(rule, bitwise, NFTNL_EXPR_BITWISE_XOR, flip, length);
}

void crosspoint_rule_lookup(
    struct crosspoint_rule *rule, const char *set, uint32_t identifier, uint32_t from, uint32_t into)
{
    struct nftnl_expr *lookup = add(rule, "lookup");
    set_u32(lookup, NFTNL_EXPR_LOOKUP_SREG, from);
    if (into != 0) set_u32(lookup, NFTNL_EXPR_LOOKUP_DREG, into);
    set_text(rule, lookup, NFTNL_EXPR_LOOKUP_SET, set);
    set_u32(lookup, NFTNL_EXPR_LOOKUP_SET_ID, identifier);
}

void crosspoint_rule_conntrack(struct crosspoint_rule *rule, uint32_t key, uint8_t direction, uint32_t into)
{
    struct nftnl_expr *conntrack = add(rule, "ct");
    set_u32(conntrack, NFTNL_EXPR_CT_KEY, key);
    if (conntrack) nftnl_expr_set_u8(conntrack, NFTNL_EXPR_CT_DIR, direction);
    set_u32(conntrack, NFTNL_EXPR_CT_DREG, into);
}

void crosspoint_rule_nat(
    struct crosspoint_rule *rule, uint32_t type, uint32_t family, uint32_t address, uint32_t port)
{
    struct nftnl_expr *nat = add(rule, "nat");
    set_u32(nat, NFTNL_EXPR_NAT_TYPE, type);
    set_u32(nat, NFTNL_EXPR_NAT_FAMILY, family);
    set_u32(nat, NFTNL_EXPR_NAT_REG_ADDR_MIN, address);
    set_u32(nat, NFTNL_EXPR_NAT_REG_PROTO_MIN, port);
}

void crosspoint_rule_payload_write(
    struct crosspoint_rule *rule, uint32_t base, uint32_t offset, uint32_t length, uint32_t from,
    uint32_t checksum_type, uint32_t checksum_offset)
{
    struct nftnl_expr *payload = add(rule, "payload");
    set_u32(payload, NFTNL_EXPR_PAYLOAD_SREG, from);
    set_u32(payload, NFTNL_EXPR_PAYLOAD_BASE, base);
    set_u32(payload, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
    set_u32(payload, NFTNL_EXPR_PAYLOAD_LEN, length);
    set_u32(payload, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, checksum_type);
    set_u32(payload, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, checksum_offset);
}

void crosspoint_rule_notrack(struct crosspoint_rule *rule) { add(rule, "notrack"); }

void crosspoint_rule_verdict(struct crosspoint_rule *rule, int32_t verdict, const char *chain)
{
    struct nftnl_expr *immediate = add(rule, "immediate");
    set_u32(immediate, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
    set_u32(immediate, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
    if (chain) set_text(rule, immediate, NFTNL_EXPR_IMM_CHAIN, chain);
}

uint32_t crosspoint_put_rule(struct crosspoint_messages *messages, struct crosspoint_rule *rule)
{
    uint32_t sequence = 0;
    char *tail = crosspoint_tail(messages);
    if (tail && !rule->is_broken) {
        struct nlmsghdr *header = nftnl_nlmsg_build_hdr(
            tail, NFT_MSG_NEWRULE, NFPROTO_INET, NLM_F_CREATE | NLM_F_APPEND,
            crosspoint_next_sequence(messages));
        nftnl_rule_nlmsg_build_payload(header, rule->rule);
        sequence = crosspoint_finish(messages, header);
    }
    nftnl_rule_free(rule->rule);
    free(rule);
    return sequence;
}
