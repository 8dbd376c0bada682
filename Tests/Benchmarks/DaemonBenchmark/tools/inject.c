// Puts UDP packets on an interface's receive path as fast as the kernel takes them, and says what each cost.
//
//   inject INTERFACE OWN_MAC FROM_MAC PACKETS TRAFFIC_CLASS < "SOURCE SOURCE_PORT DESTINATION DESTINATION_PORT", one flow a line
//
// The kernel runs an XDP program PACKETS times on frames of its own (BPF_F_TEST_XDP_LIVE_FRAMES); the program writes the
// next flow's headers, in turn, and passes the frame on. All that happens to the frame up to where it is dropped or
// queued happens inside that one system call, on this CPU, so the call's CPU time is the cost: making the frame, the
// 20 instructions, and everything after. Prints nanoseconds a packet.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

// Ethernet, IPv4 and UDP headers, the first 6 octets of RTP; the rest of the 172 octets of RTP stays as it is.
enum { header_bytes = 48, frame_bytes = 14 + 20 + 8 + 172, most_flows = 65536, batch = 64 };

static uint8_t (*headers)[header_bytes];
static uint32_t flows;
static uint8_t traffic_class;

static int call_bpf(enum bpf_cmd command, union bpf_attr *attributes) {
    return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static int array_map(uint32_t value_bytes, uint32_t entries) {
    union bpf_attr attributes = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = value_bytes, .max_entries = entries};
    int map = call_bpf(BPF_MAP_CREATE, &attributes);
    if (map < 0) die("no BPF map: %s", strerror(errno));
    return map;
}

static void set(int map, uint32_t key, const void *value) {
    union bpf_attr attributes = {
        .map_fd = (uint32_t)map, .key = (uint64_t)(uintptr_t)&key, .value = (uint64_t)(uintptr_t)value};
    if (call_bpf(BPF_MAP_UPDATE_ELEM, &attributes) < 0) die("BPF map: %s", strerror(errno));
}

static void mac(uint8_t *out, const char *text) {
    if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", out, out + 1, out + 2, out + 3, out + 4, out + 5) != 6)
        die("%s is no MAC address", text);
}

static void put16(uint8_t *out, unsigned value) {
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

static void write_header(uint8_t *out, const char *own, const char *from, const char *source, unsigned source_port,
                         const char *destination, unsigned destination_port) {
    memset(out, 0, header_bytes);
    mac(out, own);
    mac(out + 6, from);
    put16(out + 12, 0x0800);
    uint8_t *ip = out + 14, *udp = ip + 20, *rtp = udp + 8;
    ip[0] = 0x45;
    ip[1] = traffic_class;
    put16(ip + 2, frame_bytes - 14);
    ip[8] = 64;
    ip[9] = 17;
    if (inet_pton(AF_INET, source, ip + 12) != 1 || inet_pton(AF_INET, destination, ip + 16) != 1) die("bad address");
    uint32_t sum = 0;
    for (int index = 0; index < 20; index += 2) sum += (uint32_t)(ip[index] << 8 | ip[index + 1]);
    sum = (sum & 0xFFFF) + (sum >> 16);
    put16(ip + 10, ~(sum + (sum >> 16)) & 0xFFFF);
    put16(udp, source_port);
    put16(udp + 2, destination_port);
    put16(udp + 4, 8 + 172);
    rtp[0] = 0x80;
    rtp[1] = 8;
}

static void read_flows(const char *own, const char *from) {
    char source[64], destination[64];
    unsigned source_port, destination_port;
    headers = calloc(most_flows, header_bytes);
    while (headers && flows < most_flows
           && scanf("%63s %u %63s %u", source, &source_port, destination, &destination_port) == 4) {
        write_header(headers[flows++], own, from, source, source_port, destination, destination_port);
    }
    if (!flows) die("no flows");
}

#define OP(code_, dst_, src_, off_, imm_) \
    ((struct bpf_insn){.code = (code_), .dst_reg = (dst_), .src_reg = (src_), .off = (off_), .imm = (imm_)})
#define MAP(register_, map_) OP(BPF_LD | BPF_DW | BPF_IMM, register_, BPF_PSEUDO_MAP_FD, 0, map_), OP(0, 0, 0, 0, 0)
#define COPY(offset_) \
    OP(BPF_LDX | BPF_MEM | BPF_DW, 1, 0, offset_, 0), OP(BPF_STX | BPF_MEM | BPF_DW, 7, 1, offset_, 0)

// next = counter[0]; counter[0] = next + 1 == flows ? 0 : next + 1; the first 48 octets = headers[next]; action
static int program(int counter, int table, int action) {
    struct bpf_insn code[] = {
        OP(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0),
        OP(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0),
        OP(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
        OP(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
        MAP(1, counter),
        OP(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
        OP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0, 0),
        OP(BPF_LDX | BPF_MEM | BPF_W, 1, 0, 0, 0),
        OP(BPF_STX | BPF_MEM | BPF_W, 10, 1, -4, 0),
        OP(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, 1),
        OP(BPF_JMP | BPF_JNE | BPF_K, 1, 0, 1, (int)flows),
        OP(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 0),
        OP(BPF_STX | BPF_MEM | BPF_W, 0, 1, 0, 0),
        OP(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
        OP(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
        MAP(1, table),
        OP(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
        OP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0, 0),
        OP(BPF_LDX | BPF_MEM | BPF_W, 7, 6, 0, 0),
        OP(BPF_LDX | BPF_MEM | BPF_W, 8, 6, 4, 0),
        OP(BPF_ALU64 | BPF_MOV | BPF_X, 1, 7, 0, 0),
        OP(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, header_bytes),
        OP(BPF_JMP | BPF_JGT | BPF_X, 1, 8, 0, 0),
        COPY(0), COPY(8), COPY(16), COPY(24), COPY(32), COPY(40),
        OP(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, action),
        OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
        // Never reached: says so by being seen nowhere.
        OP(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_ABORTED),
        OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    };
    // The three refusals above jump to the last two instructions.
    size_t instructions = sizeof code / sizeof code[0];
    for (size_t index = 0; index < instructions; index++) {
        int jumps = code[index].code == (BPF_JMP | BPF_JEQ | BPF_K) || code[index].code == (BPF_JMP | BPF_JGT | BPF_X);
        if (jumps) code[index].off = (int16_t)(instructions - 2 - index - 1);
    }
    static char log[65536];
    union bpf_attr attributes = {
        .prog_type = BPF_PROG_TYPE_XDP, .insns = (uint64_t)(uintptr_t)code, .insn_cnt = (uint32_t)instructions,
        .license = (uint64_t)(uintptr_t)"GPL", .log_buf = (uint64_t)(uintptr_t)log, .log_size = sizeof log,
        .log_level = 1};
    int descriptor = call_bpf(BPF_PROG_LOAD, &attributes);
    if (descriptor < 0) die("the XDP program was refused: %s\n%s", strerror(errno), log);
    return descriptor;
}

// Returns nanoseconds of this thread's CPU for all packets.
static uint64_t run(int program, unsigned interface, uint32_t packets) {
    static uint8_t frame[frame_bytes];
    struct xdp_md context = {.data_end = frame_bytes, .ingress_ifindex = interface};
    union bpf_attr attributes = {.test = {
        .prog_fd = (uint32_t)program, .data_in = (uint64_t)(uintptr_t)frame, .data_size_in = frame_bytes,
        .ctx_in = (uint64_t)(uintptr_t)&context, .ctx_size_in = sizeof context, .repeat = packets,
        .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = batch}};
    uint64_t begun = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    if (call_bpf(BPF_PROG_TEST_RUN, &attributes) < 0) die("XDP live frames: %s", strerror(errno));
    return nanoseconds(CLOCK_THREAD_CPUTIME_ID) - begun;
}

int main(int count, char **arguments) {
    if (count != 6) die("usage: see the head of inject.c");
    unsigned interface = if_nametoindex(arguments[1]);
    uint32_t packets = (uint32_t)strtoul(arguments[4], NULL, 10), zero = 0;
    traffic_class = (uint8_t)strtoul(arguments[5], NULL, 0);
    if (!interface || !packets) die("no interface %s, or no packets", arguments[1]);
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MEMLOCK, &all);
    read_flows(arguments[2], arguments[3]);
    int counter = array_map(4, 1), table = array_map(header_bytes, flows);
    for (uint32_t flow = 0; flow < flows; flow++) set(table, flow, headers[flow]);
    set(counter, 0, &zero);
    int passing = program(counter, table, XDP_PASS), dropping = program(counter, table, XDP_DROP);
    // Caches and, where flows meet the kernel for the first time, its tables.
    run(passing, interface, packets / 4 > flows * 2 ? packets / 4 : flows * 2);
    double forwarded = (double)run(passing, interface, packets) / packets;
    double made = (double)run(dropping, interface, packets) / packets;
    printf("{\"ns\": %.1f, \"injection_ns\": %.1f}\n", forwarded, made);
    return 0;
}
