/*
 * UDP echo server: what the machine can do without any protocol.
 *
 *   cc -O2 -Wall -Wextra -o build/udpecho udpecho.c
 *   build/udpecho PORT [MODE]
 *
 * MODE 0: recvfrom and sendto for each datagram (default). MODE 1: epoll before them. MODE 2: recvmmsg and sendmmsg, up
 * to 64 datagrams at a time. Linux only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define BATCH 64
#define MAXMSG 2048

static char buffers[BATCH][MAXMSG];

static void echo_batches(int fd) {
    static struct sockaddr_in peers[BATCH];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){ buffers[i], MAXMSG };
            messages[i].msg_hdr = (struct msghdr){
                .msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &parts[i], .msg_iovlen = 1,
            };
        }
        int received = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        if (received <= 0) continue;
        for (int i = 0; i < received; i++) parts[i].iov_len = messages[i].msg_len;
        for (int sent = 0; sent < received;) {
            int count = sendmmsg(fd, messages + sent, received - sent, 0);
            if (count <= 0) break;
            sent += count;
        }
    }
}

/* Echoes one datagram; 0 when there is none. */
static int echo_one(int fd, int flags) {
    struct sockaddr_in peer;
    socklen_t peer_length = sizeof peer;
    ssize_t length = recvfrom(fd, buffers[0], MAXMSG, flags, (void *)&peer, &peer_length);
    if (length < 0) return 0;
    sendto(fd, buffers[0], length, 0, (void *)&peer, peer_length);
    return 1;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    int mode = argc > 2 ? atoi(argv[2]) : 0, fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(fd, (void *)&address, sizeof address)) {
        perror("bind");
        return 1;
    }
    if (mode == 2) echo_batches(fd);
    int ep = epoll_create1(0);
    struct epoll_event wanted = { .events = EPOLLIN }, got;
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &wanted);
    for (;;) {
        if (mode == 0) {
            echo_one(fd, 0);
        } else {
            epoll_wait(ep, &got, 1, -1);
            while (echo_one(fd, MSG_DONTWAIT)) {}
        }
    }
}
