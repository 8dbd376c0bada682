// Sends datagrams of garbage to one address as evenly as it can, and says how many went out.
//
//   flood ADDRESS PORT MEGABITS_A_SECOND SECONDS
//
// Every datagram has 1,200 octets of noise; a quarter of them begin like RTP. Prints one line: datagrams and octets.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { octets = 1200, batch = 32, sockets = 4 };

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void die(const char *attempted) {
    perror(attempted);
    exit(1);
}

int main(int count, char **arguments) {
    if (count != 5) {
        fputs("usage: flood ADDRESS PORT MEGABITS_A_SECOND SECONDS\n", stderr);
        return 2;
    }
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
    if (inet_pton(AF_INET, arguments[1], &to.sin_addr) != 1) die("the address");
    double rate = atof(arguments[3]) * 1e6 / 8 / octets;
    double seconds = atof(arguments[4]);
    // Several senders, as from several machines.
    int from[sockets];
    for (int index = 0; index < sockets; index++) {
        from[index] = socket(AF_INET, SOCK_DGRAM, 0);
        if (from[index] < 0 || connect(from[index], (struct sockaddr *)&to, sizeof to) < 0) die("a socket");
    }
    static uint8_t noise[batch][octets];
    struct iovec parts[batch];
    struct mmsghdr messages[batch];
    srandom(1);
    for (int index = 0; index < batch; index++) {
        for (int octet = 0; octet < octets; octet++) noise[index][octet] = (uint8_t)random();
        if (index % 4 == 0) noise[index][0] = 0x80;
        parts[index] = (struct iovec){noise[index], octets};
        messages[index] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[index], .msg_iovlen = 1}};
    }
    uint64_t begun = now(), sent = 0;
    for (uint64_t round = 0;; round++) {
        double elapsed = (double)(now() - begun) / 1e9;
        if (elapsed >= seconds) break;
        if ((double)sent > elapsed * rate) {
            struct timespec pause = {.tv_nsec = 50000};
            nanosleep(&pause, NULL);
            continue;
        }
        int done = sendmmsg(from[round % sockets], messages, batch, 0);
        if (done < 0 && errno != ENOBUFS && errno != EAGAIN && errno != ECONNREFUSED) die("sendmmsg");
        if (done > 0) sent += (uint64_t)done;
    }
    printf("%llu %llu\n", (unsigned long long)sent, (unsigned long long)sent * octets);
    return 0;
}
