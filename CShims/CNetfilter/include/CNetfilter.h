// The thin C side of the kernel path: netlink messages for nf_tables and conntrack, built with libnftnl, libmnl and
// libnetfilter_conntrack. Everything here either appends a message to a buffer, moves buffers through a netlink
// socket, or reads one received message; every decision is taken in Swift.
#pragma once

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// MARK: Message buffers

/// Messages waiting to be sent. The memory belongs to the caller.
struct crosspoint_messages {
    uint8_t *bytes;
    size_t capacity;
    size_t length;
    /// The sequence number of the last message.
    uint32_t sequence;
};

/// Room that must be left for one more message of any kind: every put function checks it first.
#define CROSSPOINT_MESSAGE_ROOM 4096

/// True while one more message fits.
static inline bool crosspoint_has_room(const struct crosspoint_messages *messages)
{
    return messages->capacity - messages->length >= CROSSPOINT_MESSAGE_ROOM;
}

// All put functions return the sequence number of the message, or 0 when there was no room or no memory.

uint32_t crosspoint_put_batch_begin(struct crosspoint_messages *messages);
uint32_t crosspoint_put_batch_end(struct crosspoint_messages *messages);
uint32_t crosspoint_put_table(
    struct crosspoint_messages *messages, uint16_t type, uint16_t flags, const char *table);

/// `chain_type` is null for a chain without a hook; `policy` below 0 leaves the default (accept).
uint32_t crosspoint_put_chain(
    struct crosspoint_messages *messages, const char *table, const char *chain, const char *chain_type,
    uint32_t hook, int32_t priority, int32_t policy);

/// The lengths are octets; the types are nft's data type numbers; `is_counted` gives each element a counter.
struct crosspoint_map_layout {
    uint32_t key_type, key_length, data_type, data_length, identifier;
    bool is_counted;
};
uint32_t crosspoint_put_map(
    struct crosspoint_messages *messages, const char *table, const char *map,
    const struct crosspoint_map_layout *layout);

/// Asks for all chains of a family, all rules of a chain, or all elements of a map.
uint32_t crosspoint_put_chain_dump(struct crosspoint_messages *messages, uint8_t family);
uint32_t crosspoint_put_rule_dump(
    struct crosspoint_messages *messages, uint8_t family, const char *table, const char *chain);
uint32_t crosspoint_put_element_dump(
    struct crosspoint_messages *messages, const char *table, const char *map);

// MARK: Rules

struct crosspoint_rule;

struct crosspoint_rule *crosspoint_rule_create(const char *table, const char *chain);
void crosspoint_rule_meta(struct crosspoint_rule *rule, uint32_t key, uint32_t into);
void crosspoint_rule_payload(
    struct crosspoint_rule *rule, uint32_t base, uint32_t offset, uint32_t length, uint32_t into);
void crosspoint_rule_compare(
    struct crosspoint_rule *rule, uint32_t operation, uint32_t reg, const uint8_t *data, uint32_t length);
void crosspoint_rule_range(
    struct crosspoint_rule *rule, uint32_t operation, uint32_t reg, const uint8_t *from, const uint8_t *to,
    uint32_t length);
void crosspoint_rule_mask(
    struct crosspoint_rule *rule, uint32_t reg, const uint8_t *mask, const uint8_t *flip, uint32_t length);
/// `into` 0 tests for membership only.
void crosspoint_rule_lookup(
    struct crosspoint_rule *rule, const char *set, uint32_t identifier, uint32_t from, uint32_t into);
void crosspoint_rule_conntrack(
    struct crosspoint_rule *rule, uint32_t key, uint8_t direction, uint32_t into);
void crosspoint_rule_nat(
    struct crosspoint_rule *rule, uint32_t type, uint32_t family, uint32_t address, uint32_t port);
void crosspoint_rule_payload_write(
    struct crosspoint_rule *rule, uint32_t base, uint32_t offset, uint32_t length, uint32_t from,
    uint32_t checksum_type, uint32_t checksum_offset);
void crosspoint_rule_notrack(struct crosspoint_rule *rule);
/// `chain` is null except for jump and goto.
void crosspoint_rule_verdict(struct crosspoint_rule *rule, int32_t verdict, const char *chain);
/// Appends the rule to its chain and frees it.
uint32_t crosspoint_put_rule(struct crosspoint_messages *messages, struct crosspoint_rule *rule);

// MARK: Flows

/// An IP address and a UDP port, both in network order; an IPv4 address is in the first four octets.
struct crosspoint_end {
    uint8_t address[16];
    uint16_t port;
};

/// One direction of a stream: a packet from `source` to our `local` leaves from our `relay` to `destination`.
struct crosspoint_flow {
    struct crosspoint_end source, local, relay, destination;
    bool is_ipv6;
};

enum crosspoint_element_value {
    /// Only the key: for deleting and getting.
    CROSSPOINT_VALUE_NONE = 0,
    CROSSPOINT_VALUE_DESTINATION = 1,
    CROSSPOINT_VALUE_RELAY = 2,
};

/// A message with one element, whose key is source . local; `comment` may be null.
uint32_t crosspoint_put_element(
    struct crosspoint_messages *messages, uint16_t type, uint16_t flags, const char *table, const char *map,
    const struct crosspoint_flow *flow, enum crosspoint_element_value value, const char *comment);

/// A conntrack entry that translates both directions of the flow; status and timeout as in ctnetlink.
uint32_t crosspoint_put_conntrack_create(
    struct crosspoint_messages *messages, const struct crosspoint_flow *flow, uint32_t status,
    uint32_t timeout_seconds);
/// `type` is IPCTNL_MSG_CT_DELETE or IPCTNL_MSG_CT_GET; the entry is the one that sees `from` → `to` in either
/// direction.
uint32_t crosspoint_put_conntrack_named(
    struct crosspoint_messages *messages, uint16_t type, bool is_ipv6, const struct crosspoint_end *from,
    const struct crosspoint_end *to);
uint32_t crosspoint_put_conntrack_dump(struct crosspoint_messages *messages, bool is_ipv6);

enum { CROSSPOINT_CONNTRACK_DELETE = 2, CROSSPOINT_CONNTRACK_GET = 1 };

// MARK: Sockets

/// Opens a netfilter netlink socket that reports errors with the kernel's own words and echoes no requests. Buffers
/// are raised past the system's limit when permitted. Returns the descriptor, or minus errno.
int crosspoint_netlink_open(int receive_buffer_octets, int send_buffer_octets, uint32_t *port_identifier);
/// Joins NFNLGRP_NFTABLES and drops what `ignored_port` did before it reaches the socket. 0, or minus errno.
int crosspoint_netlink_watch_tables(int descriptor, uint32_t ignored_port);
/// Sends one buffer to the kernel. 0, or minus errno.
int crosspoint_netlink_send(int descriptor, const uint8_t *bytes, size_t length);
/// Receives without waiting: octets, 0 when nothing is queued, or minus errno (ENOBUFS: messages were lost).
ssize_t crosspoint_netlink_receive(int descriptor, uint8_t *bytes, size_t capacity);

// MARK: Received messages

/// What one received message is.
enum crosspoint_message_kind {
    CROSSPOINT_KIND_OTHER = 0,
    CROSSPOINT_KIND_RESULT = 1,
    CROSSPOINT_KIND_DONE = 2,
    CROSSPOINT_KIND_TABLE = 3,
    CROSSPOINT_KIND_CHAIN = 4,
    CROSSPOINT_KIND_RULE = 5,
    CROSSPOINT_KIND_ELEMENTS = 6,
    CROSSPOINT_KIND_CONNTRACK = 7,
};

struct crosspoint_message {
    enum crosspoint_message_kind kind;
    uint32_t sequence;
    /// The nfnetlink message type without the subsystem (NFT_MSG_…, IPCTNL_MSG_…).
    uint16_t type;
    /// True if the dump this belongs to was disturbed by a change.
    bool is_disturbed;
    /// Positive errno of a RESULT or DONE; 0 is success.
    int32_t error;
    /// The kernel's words about the error, or null. Points into the received octets.
    const char *text;
    /// The message itself, for the readers below.
    const void *header;
};

/// Reads the message at `*cursor` and moves the cursor on; false at the end.
bool crosspoint_next_message(
    const uint8_t *bytes, size_t length, size_t *cursor, struct crosspoint_message *message);

/// True if the nf_tables message is about this table.
bool crosspoint_is_about_table(const void *header, const char *table);

struct crosspoint_element {
    struct crosspoint_flow flow;
    uint64_t packets, octets;
};
/// Walks the elements of one message; `*position` starts at null. False at the end. Elements whose key has another
/// shape than ours end the walk.
bool crosspoint_next_element(
    const void *header, const void **position, const char *map, struct crosspoint_element *element);

struct crosspoint_base_chain {
    const char *table, *chain, *chain_type;
    uint32_t hook, policy;
    uint8_t family;
};
/// False for chains without a hook. The strings point into the message.
bool crosspoint_read_base_chain(const void *header, struct crosspoint_base_chain *chain);
/// True if the rule's expressions or its comment contain this text.
bool crosspoint_rule_mentions(const void *header, const char *text);

struct crosspoint_conntrack {
    struct crosspoint_end original_source, original_destination, reply_source, reply_destination;
    uint32_t status;
    uint8_t protocol;
    bool is_ipv6;
};
bool crosspoint_read_conntrack(const void *header, struct crosspoint_conntrack *entry);
