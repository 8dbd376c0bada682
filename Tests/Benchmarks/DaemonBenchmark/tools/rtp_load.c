// Sends numbered RTP through a relay at an even pace and counts what comes out at the other side.
//
//   rtp_load SOURCE SOURCE_PORT SINK SINK_PORT RELAY PACKETS_PER_SECOND MILLISECONDS < relay ports, one a line
//
// All streams come from one socket and arrive at one socket: they differ by the relay's port, as the relay sees it.
// Prints one JSON object: sent, received, duplicated, delays in microseconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

enum { payload_bytes = 160, header_bytes = 12, packet_bytes = header_bytes + payload_bytes, batch = 64 };
enum { number_at = header_bytes, clock_at = header_bytes + 8, run_at = header_bytes + 16, most_streams = 65536 };

static struct sockaddr_in relays[most_streams];
static uint32_t streams;
static uint64_t run;

static struct {
    uint64_t sent, received, duplicated, foreign, total_delay, worst_delay;
    uint8_t *seen;
} outcome;

static struct sockaddr_in address(const char *host, unsigned port) {
    struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &result.sin_addr) != 1) die("%s is no IPv4 address", host);
    return result;
}

static int bound(const char *host, unsigned port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), bytes = 16 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
    struct sockaddr_in local = address(host, port);
    if (bind(descriptor, (struct sockaddr *)&local, sizeof local) < 0) die("cannot bind %s:%u", host, port);
    return descriptor;
}

static void count(const uint8_t *packet, uint64_t now) {
    uint64_t number, sent_at, its_run;
    memcpy(&number, packet + number_at, 8);
    memcpy(&sent_at, packet + clock_at, 8);
    memcpy(&its_run, packet + run_at, 8);
    if (its_run != run || number >= outcome.sent) {
        outcome.foreign++;
    } else if (outcome.seen[number]) {
        outcome.duplicated++;
    } else {
        outcome.seen[number] = 1;
        outcome.received++;
        outcome.total_delay += now - sent_at;
        if (now - sent_at > outcome.worst_delay) outcome.worst_delay = now - sent_at;
    }
}

static void drain(int sink) {
    static uint8_t buffers[batch][2048];
    static struct iovec vectors[batch];
    static struct mmsghdr messages[batch];
    for (int index = 0; index < batch; index++) {
        vectors[index] = (struct iovec){buffers[index], sizeof buffers[index]};
        messages[index].msg_hdr = (struct msghdr){.msg_iov = &vectors[index], .msg_iovlen = 1};
    }
    int received = recvmmsg(sink, messages, batch, MSG_DONTWAIT, NULL);
    uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    for (int index = 0; index < received; index++) {
        if (messages[index].msg_len == packet_bytes) count(buffers[index], now);
        else outcome.foreign++;
    }
}

// The packets of a batch belong to streams that follow one another, and a stream's packets to one talk spurt.
static void send_batch(int source, unsigned packets, uint64_t now) {
    static uint8_t buffers[batch][packet_bytes];
    static struct iovec vectors[batch];
    static struct mmsghdr messages[batch];
    for (unsigned index = 0; index < packets; index++) {
        uint64_t number = outcome.sent + index;
        uint32_t stream = (uint32_t)(number % streams), place = (uint32_t)(number / streams);
        uint8_t *packet = buffers[index];
        uint16_t sequence = htons((uint16_t)place);
        uint32_t timestamp = htonl(place * 160), ssrc = htonl(stream + 1);
        packet[0] = 0x80;
        packet[1] = 8;
        memcpy(packet + 2, &sequence, 2);
        memcpy(packet + 4, &timestamp, 4);
        memcpy(packet + 8, &ssrc, 4);
        memcpy(packet + number_at, &number, 8);
        memcpy(packet + clock_at, &now, 8);
        memcpy(packet + run_at, &run, 8);
        vectors[index] = (struct iovec){packet, packet_bytes};
        messages[index].msg_hdr = (struct msghdr){
            .msg_name = &relays[stream], .msg_namelen = sizeof relays[stream], .msg_iov = &vectors[index],
            .msg_iovlen = 1};
    }
    int result = sendmmsg(source, messages, packets, 0);
    if (result > 0) outcome.sent += (uint64_t)result;
}

static void generate(int source, int sink, uint64_t rate, uint64_t total) {
    uint64_t begun = nanoseconds(CLOCK_MONOTONIC);
    while (outcome.sent < total) {
        uint64_t now = nanoseconds(CLOCK_MONOTONIC), due = (now - begun) * rate / 1000000000u + 1;
        if (due > total) due = total;
        if (due > outcome.sent) send_batch(source, due - outcome.sent > batch ? batch : (unsigned)(due - outcome.sent), now);
        drain(sink);
    }
    uint64_t end = nanoseconds(CLOCK_MONOTONIC) + 500000000u;
    while (nanoseconds(CLOCK_MONOTONIC) < end && outcome.received < outcome.sent) drain(sink);
}

int main(int count, char **arguments) {
    if (count != 8) die("usage: see the head of rtp_load.c");
    unsigned port;
    while (streams < most_streams && scanf("%u", &port) == 1) relays[streams++] = address(arguments[5], port);
    if (!streams) die("no relay ports");
    uint64_t rate = strtoull(arguments[6], NULL, 10), milliseconds = strtoull(arguments[7], NULL, 10);
    uint64_t total = rate * milliseconds / 1000;
    outcome.seen = calloc(total + 1, 1);
    int source = bound(arguments[1], (unsigned)atoi(arguments[2])), sink = bound(arguments[3], (unsigned)atoi(arguments[4]));
    run = nanoseconds(CLOCK_REALTIME);
    if (!outcome.seen || !rate) die("no room");
    generate(source, sink, rate, total);
    printf("{\"sent\": %lu, \"received\": %lu, \"duplicated\": %lu, \"foreign\": %lu, \"delay_us\": %.1f, \"worst_delay_us\": %.1f}\n",
           outcome.sent, outcome.received, outcome.duplicated, outcome.foreign,
           outcome.received ? (double)outcome.total_delay / (double)outcome.received / 1000 : 0.0,
           (double)outcome.worst_delay / 1000);
    return 0;
}
