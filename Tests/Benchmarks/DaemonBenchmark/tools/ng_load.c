// A controller of an NG relay that never waits for anything but the reply: one request under way a socket.
//
//   ng_load churn SERVER PORT SOCKETS CALLS    offer, answer and delete each call; prints one JSON object
//   ng_load up SERVER PORT FIRST COUNT CALLER CALLER_PORT CALLEE CALLEE_PORT [INTERFACE INTERFACE]
//                                              sets calls up; prints the relay's ports of each, the caller's first;
//                                              the interfaces are the caller's and the callee's (`direction`)
//   ng_load down SERVER PORT FIRST COUNT       deletes what `up` made
//
// The SDP and the flags are those of a proxy that anchors a plain audio call.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

enum { message_bytes = 8192, most_sockets = 64, patience_milliseconds = 5000 };
enum step { step_offer, step_answer, step_delete, steps };

static const char *const step_names[steps] = {"offer", "answer", "delete"};

struct party {
    const char *address;
    unsigned port;
};

// What one socket is doing.
struct conversation {
    int descriptor;
    uint32_t call;
    enum step step;
    uint64_t asked_at;
    char cookie[32];
};

static struct party caller = {"10.77.0.2", 20000}, callee = {"10.77.0.3", 30000};
static const char *interfaces[2];
static uint32_t run_number;
static unsigned requests_refused;

static size_t text(char *out, const char *key, const char *value) {
    return (size_t)sprintf(out, "%zu:%s%zu:%s", strlen(key), key, strlen(value), value);
}

static void session(char *out, const char *user, uint32_t call, struct party party) {
    sprintf(out,
            "v=0\r\no=%s %u 1 IN IP4 %s\r\ns=call\r\nc=IN IP4 %s\r\nt=0 0\r\n"
            "m=audio %u RTP/AVP 8 0 18 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:101 telephone-event/8000\r\n"
            "a=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n",
            user, 100000u + call, party.address, party.address, party.port);
}

// Keys in the order in which Kamailio's module sends them.
static size_t request(char *out, const char *cookie, enum step step, uint32_t call) {
    char sdp[1024], name[64], from_tag[64], to_tag[64];
    sprintf(name, "bench-%08x-%08x@example.net", run_number, call);
    sprintf(from_tag, "from-%08x", call);
    sprintf(to_tag, "to-%08x", call);
    char *end = out + sprintf(out, "%s d", cookie);
    if (step != step_delete) {
        session(sdp, step == step_offer ? "alice" : "bob", call, step == step_offer ? caller : callee);
        end += text(end, "sdp", sdp);
        if (interfaces[0]) {
            end += sprintf(end, "9:directionl%zu:%s%zu:%se", strlen(interfaces[0]), interfaces[0],
                           strlen(interfaces[1]), interfaces[1]);
        }
        end += sprintf(end, "3:ICE6:remove5:flagsl13:trust-addresse7:replacel6:origin18:session-connectione");
    }
    end += text(end, "call-id", name);
    end += sprintf(end, "13:received-froml3:IP4%zu:%se", strlen(caller.address), caller.address);
    end += text(end, "from-tag", from_tag);
    if (step != step_offer) end += text(end, "to-tag", to_tag);
    end += text(end, "command", step_names[step]);
    *end++ = 'e';
    return (size_t)(end - out);
}

static int connected(const char *server, unsigned port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, server, &address.sin_addr) != 1) die("%s is no IPv4 address", server);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) die("cannot connect to %s", server);
    return descriptor;
}

static void ask(struct conversation *conversation) {
    static uint32_t number;
    char message[message_bytes];
    sprintf(conversation->cookie, "%d_%u", getpid(), ++number);
    size_t bytes = request(message, conversation->cookie, conversation->step, conversation->call);
    conversation->asked_at = nanoseconds(CLOCK_MONOTONIC);
    if (send(conversation->descriptor, message, bytes, 0) < 0) die("nobody listens for NG");
}

// True if the reply to what was asked is there.
static int hear(struct conversation *conversation, char *reply, uint64_t *latency) {
    ssize_t bytes = recv(conversation->descriptor, reply, message_bytes * 8 - 1, 0);
    if (bytes < 0 && errno != EAGAIN) die("nobody listens for NG");
    if (bytes < 0) return 0;
    *latency = nanoseconds(CLOCK_MONOTONIC) - conversation->asked_at;
    reply[bytes] = 0;
    size_t length = strlen(conversation->cookie);
    if (strncmp(reply, conversation->cookie, length) || reply[length] != ' ') return 0;
    if (!strstr(reply, "6:result2:ok")) {
        if (requests_refused++ == 0) fprintf(stderr, "refused: %s: %.300s\n", step_names[conversation->step], reply);
    }
    return 1;
}

static void wait_for(struct conversation *conversation, char *reply) {
    uint64_t latency;
    struct pollfd poller = {.fd = conversation->descriptor, .events = POLLIN};
    do {
        if (poll(&poller, 1, patience_milliseconds) <= 0) die("no reply to %s", step_names[conversation->step]);
    } while (!hear(conversation, reply, &latency));
}

static int ascending(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static double percentile(const uint64_t *sorted, size_t count, double part) {
    return count ? (double)sorted[(size_t)((double)(count - 1) * part)] / 1000.0 : 0;
}

static void churn(const char *server, unsigned port, unsigned sockets, uint32_t calls) {
    static struct conversation conversations[most_sockets];
    static struct pollfd pollers[most_sockets];
    static char reply[message_bytes * 8];
    uint64_t *latencies = calloc((size_t)calls * steps, sizeof *latencies);
    size_t heard = 0, wanted = (size_t)calls * steps;
    uint32_t next = 0;
    if (!latencies || sockets > most_sockets || sockets > calls) die("too many sockets");
    uint64_t begun = nanoseconds(CLOCK_MONOTONIC);
    for (unsigned index = 0; index < sockets; index++) {
        int descriptor = connected(server, port);
        conversations[index] = (struct conversation){.descriptor = descriptor, .call = next++};
        pollers[index] = (struct pollfd){.fd = descriptor, .events = POLLIN};
        ask(&conversations[index]);
    }
    while (heard < wanted) {
        if (poll(pollers, sockets, patience_milliseconds) <= 0) die("no reply within %d ms", patience_milliseconds);
        for (unsigned index = 0; index < sockets; index++) {
            struct conversation *conversation = &conversations[index];
            uint64_t latency;
            if (!pollers[index].revents || !hear(conversation, reply, &latency)) continue;
            latencies[heard++] = latency;
            if (conversation->step < step_delete) {
                conversation->step++;
            } else if (next < calls) {
                conversation->step = step_offer;
                conversation->call = next++;
            } else {
                pollers[index].fd = -1;
                continue;
            }
            ask(conversation);
        }
    }
    double seconds = (double)(nanoseconds(CLOCK_MONOTONIC) - begun) / 1e9;
    qsort(latencies, heard, sizeof *latencies, ascending);
    printf("{\"calls\": %u, \"seconds\": %.6f, \"refused\": %u, \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f}\n",
           calls, seconds, requests_refused, percentile(latencies, heard, 0.5), percentile(latencies, heard, 0.99),
           percentile(latencies, heard, 1));
}

// The port of the first media section of the SDP in a reply.
static unsigned media_port(const char *reply) {
    const char *line = strstr(reply, "m=audio ");
    if (!line) die("no SDP in the reply: %.300s", reply);
    return (unsigned)strtoul(line + 8, NULL, 10);
}

static void set_up(const char *server, unsigned port, uint32_t first, uint32_t count) {
    static char reply[message_bytes * 8];
    struct conversation conversation = {.descriptor = connected(server, port)};
    for (uint32_t call = first; call < first + count; call++) {
        conversation.call = call;
        conversation.step = step_offer;
        ask(&conversation);
        wait_for(&conversation, reply);
        unsigned facing_callee = media_port(reply);
        conversation.step = step_answer;
        ask(&conversation);
        wait_for(&conversation, reply);
        printf("%u %u\n", media_port(reply), facing_callee);
    }
}

static void take_down(const char *server, unsigned port, uint32_t first, uint32_t count) {
    static char reply[message_bytes * 8];
    struct conversation conversation = {.descriptor = connected(server, port), .step = step_delete};
    for (uint32_t call = first; call < first + count; call++) {
        conversation.call = call;
        ask(&conversation);
        wait_for(&conversation, reply);
    }
}

int main(int count, char **arguments) {
    if (count < 6) die("usage: see the head of ng_load.c");
    const char *mode = arguments[1], *server = arguments[2];
    unsigned port = (unsigned)atoi(arguments[3]);
    uint32_t first = (uint32_t)atoi(arguments[4]), second = (uint32_t)atoi(arguments[5]);
    if (!strcmp(mode, "churn")) {
        run_number = (uint32_t)getpid();
        churn(server, port, first, second);
    } else if (!strcmp(mode, "up") && (count == 10 || count == 12)) {
        if (count == 12) {
            interfaces[0] = arguments[10];
            interfaces[1] = arguments[11];
        }
        caller = (struct party){arguments[6], (unsigned)atoi(arguments[7])};
        callee = (struct party){arguments[8], (unsigned)atoi(arguments[9])};
        set_up(server, port, first, second);
    } else if (!strcmp(mode, "down")) {
        take_down(server, port, first, second);
    } else {
        die("usage: see the head of ng_load.c");
    }
    return requests_refused ? 3 : 0;
}
