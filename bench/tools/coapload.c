/*
 * coapload - closed- or open-loop CoAP/UDP (RFC 7252) request load generator.
 *
 * Keeps a window of W outstanding requests over K source sockets, each with a distinct
 * Message ID and an 8-byte token, and counts only responses that really answer a request:
 * right socket, right token, right MID for piggybacked ACKs, well-formed options, 2.xx code.
 *
 *   cc -O2 -Wall -Wextra -o build/coapload coapload.c
 *   build/coapload --port 5683 --path /hello --window 64 --duration 5 --src-ports 8 --server-pid $PID
 *
 * Linux only (epoll, sendmmsg, recvmmsg).  Single thread; one core does > 500k msg/s.
 *
 * Message IDs are never reused on a source port: after 65536 requests a source is retired and
 * replaced by a fresh socket (new ephemeral port), so a server's duplicate detection
 * (EXCHANGE_LIFETIME = 247 s) never answers from its cache.  --mid-wrap turns that off.
 *
 * Exit status: 0 = at least one valid response and no errors, 1 = errors were seen, 2 = usage/setup.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH   64            /* datagrams per sendmmsg/recvmmsg call */
#define MAXMSG  2048
#define TKL     8
#define NS      1000000000ull

/* ---------------------------------------------------------------- options */
static struct {
    const char *host, *port, *path, *payload, *expect, *label;
    int window, srcs, con, spin, observe, json, raw, method, midwrap, accept, cf, block2;
    double duration, warmup, rate, hold;
    uint64_t requests;
    int timeout_ms, server_pid;
    const char *queries[16]; int nqueries;
} O = { .host = "127.0.0.1", .port = "5683", .path = "/hello", .window = 16, .srcs = 1, .con = 1, .method = 1,
        .accept = -1, .cf = -1, .block2 = -1, .duration = 5, .warmup = 1, .timeout_ms = 2000 };

static void usage(FILE *f) {
    fputs("usage: coapload [options]\n"
          "  --host H            server address                         (127.0.0.1)\n"
          "  --port P            server UDP port                        (5683)\n"
          "  --path /a/b         Uri-Path                               (/hello)\n"
          "  --query k=v         one Uri-Query (repeatable)\n"
          "  --method M          GET|POST|PUT|DELETE|FETCH|PATCH|iPATCH (GET)\n"
          "  --payload S|@FILE   request payload\n"
          "  --content-format N, --accept N, --block2 SZX   add these options\n"
          "  --window W          requests outstanding, all sources together   (16)\n"
          "  --src-ports K       source sockets the window is spread over     (1)\n"
          "  --duration S        measured seconds                       (5)\n"
          "  --warmup S          seconds before measuring               (1)\n"
          "  --requests N        stop after N requests in all (no warm-up then)\n"
          "  --rate R            open loop: R requests/s; latency counts from the intended send time\n"
          "  --confirmable 0|1   CON or NON requests                    (1)\n"
          "  --timeout MS        give a request up after MS, no retransmission (2000)\n"
          "  --expect S          every response payload must equal S\n"
          "  --observe           add Observe:0, --requests relations; later notifications are counted and acknowledged\n"
          "  --hold S            after the run stay S seconds, acknowledging notifications\n"
          "  --mid-wrap          reuse Message IDs on a source port\n"
          "  --raw BYTES         not CoAP: echo test with BYTES-byte datagrams\n"
          "  --server-pid PID    also report that process' CPU per request and RSS\n"
          "  --spin              busy-poll instead of epoll_wait (own core for the generator)\n"
          "  --label S, --json   one JSON line instead of text\n", f);
}

/* ---------------------------------------------------------------- small helpers */
static void die(const char *fmt, ...) {
    va_list ap; va_start(ap, fmt); fputs("coapload: ", stderr); vfprintf(stderr, fmt, ap); fputc('\n', stderr); va_end(ap); exit(2);
}
static inline uint64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (uint64_t)t.tv_sec * NS + t.tv_nsec; }

/* log-linear histogram of ns: 64 sub-buckets per power of two, < 1.6 % error */
#define SUB 64
static uint64_t hist[64 * SUB], hist_n, hist_max; static double hist_sum;
static inline unsigned hidx(uint64_t v) { if (v < SUB) return v; int e = 63 - __builtin_clzll(v); return (e - 5) * SUB + ((v >> (e - 6)) & (SUB - 1)); }
static uint64_t hval(unsigned i) { if (i < SUB) return i; int e = i / SUB + 5; return ((uint64_t)(SUB + i % SUB) << (e - 6)) + (1ull << (e - 6)) / 2; }
static inline void hadd(uint64_t v) { hist[hidx(v)]++; hist_n++; hist_sum += v; if (v > hist_max) hist_max = v; }
static double hpct(double q) {   /* in microseconds */
    uint64_t want = (uint64_t)(q * hist_n), c = 0; if (want >= hist_n) want = hist_n ? hist_n - 1 : 0;
    for (unsigned i = 0; i < 64 * SUB; i++) { c += hist[i]; if (c > want) return hval(i) / 1e3; }
    return hist_max / 1e3;
}
static void proc_stat(int pid, double *cpu_s, long *rss_kb) {   /* user+system seconds, VmRSS */
    char p[64], line[1024]; *cpu_s = 0; *rss_kb = 0; if (pid <= 0) return;
    snprintf(p, sizeof p, "/proc/%d/stat", pid); FILE *f = fopen(p, "r"); if (!f) return;
    if (fgets(line, sizeof line, f)) { char *q = strrchr(line, ')'); unsigned long ut = 0, st = 0;
        if (q && sscanf(q + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ut, &st) == 2) *cpu_s = (double)(ut + st) / sysconf(_SC_CLK_TCK); }
    fclose(f);
    snprintf(p, sizeof p, "/proc/%d/status", pid); if (!(f = fopen(p, "r"))) return;
    while (fgets(line, sizeof line, f)) if (sscanf(line, "VmRSS: %ld", rss_kb) == 1) break;
    fclose(f);
}

/* ---------------------------------------------------------------- state */
struct src { int fd, dead, npend, retired; uint32_t used; uint16_t mid0; int outstanding; uint32_t pend[BATCH];
             unsigned char *ctl; int nctl; };
struct slot { uint64_t t0; uint32_t gen; uint16_t mid; uint8_t busy, acked; int src; };
static struct src **srcs; static int nsrc_alloc; static int *active; /* active[k] = index into srcs */
static struct slot *slots; static int nslots;   /* = window, or one per relation with --observe */
static struct sockaddr_storage peer; static socklen_t peerlen;
static int ep;
static unsigned char tail[MAXMSG]; static int taillen;   /* options + payload, same for every request */
static uint64_t c_sent, c_ok, c_timeout, c_rst, c_code, c_malformed, c_unmatched, c_late, c_dup, c_payload, c_senderr, c_recverr, c_sep, c_emptyack, c_notif, c_again, c_rotated;
static unsigned code_seen[256]; static uint64_t bytes_in;
static uint32_t nonce;

static int src_new(void) {
    int i; for (i = 0; i < nsrc_alloc; i++) if (srcs[i] == NULL) break;
    if (i == nsrc_alloc) { nsrc_alloc = nsrc_alloc ? nsrc_alloc * 2 : 64; srcs = realloc(srcs, nsrc_alloc * sizeof *srcs); memset(srcs + i, 0, (nsrc_alloc - i) * sizeof *srcs); }
    struct src *s = calloc(1, sizeof *s);
    s->fd = socket(peer.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0) die("socket: %s", strerror(errno));
    int sz = 4 << 20; setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &sz, sizeof sz); setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &sz, sizeof sz);
    if (connect(s->fd, (struct sockaddr *)&peer, peerlen)) die("connect: %s", strerror(errno));
    struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };
    if (epoll_ctl(ep, EPOLL_CTL_ADD, s->fd, &ev)) die("epoll_ctl: %s", strerror(errno));
    s->mid0 = (uint16_t)random(); s->ctl = malloc(BATCH * 4); srcs[i] = s; return i;
}
static void src_close(int i) { struct src *s = srcs[i]; close(s->fd); free(s->ctl); free(s); srcs[i] = NULL; }

/* ---------------------------------------------------------------- request building */
static int put_opt(unsigned char *o, int p, int delta, const void *v, int len) {
    int h = p++, d = delta, l = len;
    if (delta >= 269) { d = 14; o[p++] = (delta - 269) >> 8; o[p++] = (delta - 269) & 255; } else if (delta >= 13) { d = 13; o[p++] = delta - 13; }
    if (len >= 269) { l = 14; o[p++] = (len - 269) >> 8; o[p++] = (len - 269) & 255; } else if (len >= 13) { l = 13; o[p++] = len - 13; }
    o[h] = d << 4 | l; memcpy(o + p, v, len); return p + len;
}
static int put_uint(unsigned char *o, int p, int delta, unsigned v) {
    unsigned char b[4]; int n = 0; for (int s = 24; s >= 0; s -= 8) if (n || (v >> s)) b[n++] = v >> s; return put_opt(o, p, delta, b, n);
}
static void build_tail(void) {
    int p = 0, last = 0;
    if (O.observe) { p = put_uint(tail, p, 6 - last, 0); last = 6; }
    for (const char *s = O.path; *s;) { if (*s == '/') { s++; continue; } const char *e = strchr(s, '/'); int l = e ? (int)(e - s) : (int)strlen(s); p = put_opt(tail, p, 11 - last, s, l); last = 11; s += l; }
    if (O.cf >= 0) { p = put_uint(tail, p, 12 - last, O.cf); last = 12; }
    for (int i = 0; i < O.nqueries; i++) { p = put_opt(tail, p, 15 - last, O.queries[i], strlen(O.queries[i])); last = 15; }
    if (O.accept >= 0) { p = put_uint(tail, p, 17 - last, O.accept); last = 17; }
    if (O.block2 >= 0) { p = put_uint(tail, p, 23 - last, O.block2 & 7); last = 23; }
    if (O.payload) {
        unsigned char buf[1400]; int n;
        if (O.payload[0] == '@') { FILE *f = fopen(O.payload + 1, "rb"); if (!f) die("%s: %s", O.payload + 1, strerror(errno)); n = fread(buf, 1, sizeof buf, f); fclose(f); }
        else { n = strlen(O.payload); if (n > (int)sizeof buf) die("payload too long"); memcpy(buf, O.payload, n); }
        if (n) { tail[p++] = 0xff; memcpy(tail + p, buf, n); p += n; }
    }
    taillen = p;
}
static inline int build(unsigned char *o, uint32_t si) {
    struct slot *s = &slots[si];
    if (O.raw) { memcpy(o, &si, 4); memcpy(o + 4, &s->gen, 4); return O.raw; }
    o[0] = 0x40 | (O.con ? 0 : 0x10) | TKL; o[1] = O.method; o[2] = s->mid >> 8; o[3] = s->mid & 255;
    uint32_t g = s->gen ^ nonce; memcpy(o + 4, &si, 4); memcpy(o + 8, &g, 4); memcpy(o + 12, tail, taillen); return 12 + taillen;
}

/* ---------------------------------------------------------------- sending */
static unsigned char obuf[BATCH][MAXMSG]; static struct iovec oiov[BATCH]; static struct mmsghdr ohdr[BATCH];
static void flush_src(int i) {
    struct src *s = srcs[i]; int off = 0;
    for (int k = 0; k < s->npend; k++) { oiov[k] = (struct iovec){ obuf[k], build(obuf[k], s->pend[k]) }; memset(&ohdr[k].msg_hdr, 0, sizeof ohdr[k].msg_hdr); ohdr[k].msg_hdr.msg_iov = &oiov[k]; ohdr[k].msg_hdr.msg_iovlen = 1; }
    while (off < s->npend) {
        int n = sendmmsg(s->fd, ohdr + off, s->npend - off, 0);
        if (n > 0) { off += n; continue; }
        if (errno == EAGAIN || errno == ENOBUFS) { c_again++; struct timespec ts = { 0, 20000 }; nanosleep(&ts, NULL); continue; }
        if (errno == ECONNREFUSED) { c_recverr++; continue; }   /* pending ICMP error, consumed by this call */
        c_senderr++; break;
    }
    s->npend = 0;
}
static void ctl_send(int i, unsigned char type, uint16_t mid) { unsigned char m[4] = { 0x40 | type << 4, 0, mid >> 8, mid & 255 }; if (send(srcs[i]->fd, m, 4, 0) != 4) c_senderr++; }
static int rr;
static void issue(uint32_t si, uint64_t t) {
    int k = rr; if (++rr == O.srcs) rr = 0;
    struct src *s = srcs[active[k]];
    if (s->used >= 65536 && !O.midwrap && !O.raw) { /* retire: fresh port, fresh MID space */
        if (s->npend) flush_src(active[k]);
        s->retired = 1; int old = active[k]; active[k] = src_new(); if (srcs[old]->outstanding == 0 && !O.observe) src_close(old); s = srcs[active[k]]; c_rotated++;
    }
    struct slot *q = &slots[si]; q->busy = 1; q->acked = 0; q->gen++; q->t0 = t; q->src = active[k]; q->mid = (uint16_t)(s->mid0 + s->used++); s->outstanding++;
    s->pend[s->npend++] = si; c_sent++;
    if (s->npend == BATCH) flush_src(active[k]);
}
static void slot_free(uint32_t si) {
    struct slot *q = &slots[si]; q->busy = 0; struct src *s = srcs[q->src];
    s->outstanding--;       /* a retired, drained source is closed by sweep(), not here: we may be reading from it */
}

/* ---------------------------------------------------------------- receiving */
/* returns payload offset, or -1 when malformed; *obs = 1 when an Observe option is there */
static int walk(const unsigned char *m, int len, int *obs) {
    int tkl = m[0] & 15, p = 4 + tkl, num = 0; *obs = 0; if (tkl > 8 || p > len) return -1;
    while (p < len) {
        if (m[p] == 0xff) return p + 1 < len ? p + 1 : -1;
        int d = m[p] >> 4, l = m[p] & 15; p++;
        if (d == 13) { if (p >= len) return -1; d = m[p++] + 13; } else if (d == 14) { if (p + 1 >= len) return -1; d = (m[p] << 8 | m[p + 1]) + 269; p += 2; } else if (d == 15) return -1;
        if (l == 13) { if (p >= len) return -1; l = m[p++] + 13; } else if (l == 14) { if (p + 1 >= len) return -1; l = (m[p] << 8 | m[p + 1]) + 269; p += 2; } else if (l == 15) return -1;
        num += d; p += l; if (p > len) return -1; if (num == 6) *obs = 1;
    }
    return len;
}
/* one datagram; returns slot index freed (response complete) or -1 */
static int64_t on_msg(int i, const unsigned char *m, int len, uint64_t t) {
    uint32_t si, g; bytes_in += len;
    if (O.raw) {
        if (len != O.raw) { c_malformed++; return -1; } memcpy(&si, m, 4); memcpy(&g, m + 4, 4);
        if (si >= (uint32_t)nslots || g > slots[si].gen) { c_unmatched++; return -1; }
        if (!slots[si].busy || g != slots[si].gen) { c_late++; return -1; }
        hadd(t - slots[si].t0); c_ok++; slot_free(si); return si;
    }
    if (len < 4 || (m[0] & 0xc0) != 0x40) { c_malformed++; return -1; }
    int type = (m[0] >> 4) & 3, code = m[1]; uint16_t mid = m[2] << 8 | m[3];
    if (code == 0) {   /* empty ACK / RST: match by MID on this socket */
        for (int k = 0; k < nslots; k++) if (slots[k].busy && slots[k].src == i && slots[k].mid == mid) {
            if (type == 2) { c_emptyack++; slots[k].acked = 1; return -1; }
            if (type == 3) { c_rst++; slot_free(k); return k; }
        }
        if (type != 2 && type != 3) c_malformed++; else c_unmatched++; return -1;
    }
    int obs, po = walk(m, len, &obs); if (po < 0) { c_malformed++; return -1; }
    if (type == 0) ctl_send(i, 2, mid);
    if ((m[0] & 15) != TKL) { c_unmatched++; return -1; }
    memcpy(&si, m + 4, 4); memcpy(&g, m + 8, 4); g ^= nonce;
    if (si >= (uint32_t)nslots || g > slots[si].gen) { c_unmatched++; return -1; }
    if (!slots[si].busy || g != slots[si].gen || slots[si].src != i) { if (obs && O.observe) c_notif++; else if (g == slots[si].gen) c_dup++; else c_late++; return -1; }
    if (type == 2 && mid != slots[si].mid) { c_unmatched++; return -1; }
    if (type != 2 && O.con) c_sep++;
    code_seen[code]++;
    int bad = 0;
    if (code >> 5 != 2) { c_code++; bad = 1; }
    else if (O.expect && ((int)strlen(O.expect) != len - po || memcmp(O.expect, m + po, len - po))) { c_payload++; bad = 1; }
    if (!bad) { c_ok++; hadd(t - slots[si].t0); }
    slot_free(si); return si;
}
static unsigned char ibuf[BATCH][MAXMSG]; static struct iovec iiov[BATCH]; static struct mmsghdr ihdr[BATCH];
static int drain(int i, uint32_t *freed, int nf) {
    for (;;) {
        int n = recvmmsg(srcs[i]->fd, ihdr, BATCH, MSG_DONTWAIT, NULL);
        if (n < 0) { if (errno == ECONNREFUSED) { c_recverr++; continue; } return nf; }
        uint64_t t = now_ns();
        for (int k = 0; k < n; k++) { int64_t f = on_msg(i, ibuf[k], ihdr[k].msg_len, t); if (f >= 0) freed[nf++] = (uint32_t)f; }
        if (n < BATCH) return nf;
    }
}
static void sweep(void) { for (int i = 0; i < nsrc_alloc; i++) if (srcs[i] && srcs[i]->retired && srcs[i]->outstanding == 0 && !O.observe) src_close(i); }

static volatile sig_atomic_t stop; static void on_sig(int s) { (void)s; stop = 1; }

int main(int argc, char **argv) {
    enum { PATH = 256, WIN, DUR, WARM, CON, SRCS, HOST, PORT, QUERY, METHOD, PAYLOAD, CF, ACCEPT, REQS, RATE, TMO, EXPECT, OBS, HOLD, WRAP, RAW, SPID, SPIN, JSON, LABEL, BLK, HELP };
    static const struct option lo[] = { {"path",1,0,PATH},{"window",1,0,WIN},{"duration",1,0,DUR},{"warmup",1,0,WARM},{"confirmable",1,0,CON},{"src-ports",1,0,SRCS},{"host",1,0,HOST},{"port",1,0,PORT},
        {"query",1,0,QUERY},{"method",1,0,METHOD},{"payload",1,0,PAYLOAD},{"content-format",1,0,CF},{"accept",1,0,ACCEPT},{"requests",1,0,REQS},{"rate",1,0,RATE},{"timeout",1,0,TMO},{"expect",1,0,EXPECT},
        {"observe",0,0,OBS},{"hold",1,0,HOLD},{"mid-wrap",0,0,WRAP},{"raw",1,0,RAW},{"server-pid",1,0,SPID},{"spin",0,0,SPIN},{"json",0,0,JSON},{"label",1,0,LABEL},{"block2",1,0,BLK},{"help",0,0,HELP},{0,0,0,0} };
    int c; while ((c = getopt_long(argc, argv, "", lo, NULL)) != -1) switch (c) {
        case PATH: O.path = optarg; break; case WIN: O.window = atoi(optarg); break; case DUR: O.duration = atof(optarg); break; case WARM: O.warmup = atof(optarg); break;
        case CON: O.con = atoi(optarg); break; case SRCS: O.srcs = atoi(optarg); break; case HOST: O.host = optarg; break; case PORT: O.port = optarg; break;
        case QUERY: if (O.nqueries == 16) die("too many --query"); O.queries[O.nqueries++] = optarg; break;
        case METHOD: { static const char *mn[] = { "", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH" }; int k; for (k = 1; k < 8; k++) if (!strcasecmp(mn[k], optarg)) break; if (k == 8) die("bad method %s", optarg); O.method = k; break; }
        case PAYLOAD: O.payload = optarg; break; case CF: O.cf = atoi(optarg); break; case ACCEPT: O.accept = atoi(optarg); break; case BLK: O.block2 = atoi(optarg); break;
        case REQS: O.requests = strtoull(optarg, NULL, 10); break; case RATE: O.rate = atof(optarg); break; case TMO: O.timeout_ms = atoi(optarg); break; case EXPECT: O.expect = optarg; break;
        case OBS: O.observe = 1; break; case HOLD: O.hold = atof(optarg); break; case WRAP: O.midwrap = 1; break; case RAW: O.raw = atoi(optarg); break;
        case SPID: O.server_pid = atoi(optarg); break; case SPIN: O.spin = 1; break; case JSON: O.json = 1; break; case LABEL: O.label = optarg; break;
        case HELP: usage(stdout); return 0; default: usage(stderr); return 2; }
    if (optind < argc) { usage(stderr); return 2; }
    if (O.window < 1 || O.window > 1000000 || O.srcs < 1 || O.srcs > 20000 || (O.raw && (O.raw < 8 || O.raw > MAXMSG))) die("bad --window, --src-ports or --raw");
    if (O.observe && (!O.requests || O.requests > 1000000)) die("--observe needs --requests N (the number of relations)");
    nslots = O.observe ? (int)O.requests : O.window;
    if (O.srcs > nslots) O.srcs = nslots;
    if (O.requests) O.warmup = 0;
    signal(SIGINT, on_sig); signal(SIGTERM, on_sig);

    struct addrinfo hint = { .ai_socktype = SOCK_DGRAM }, *ai; int e = getaddrinfo(O.host, O.port, &hint, &ai); if (e) die("%s: %s", O.host, gai_strerror(e));
    memcpy(&peer, ai->ai_addr, ai->ai_addrlen); peerlen = ai->ai_addrlen; freeaddrinfo(ai);
    ep = epoll_create1(EPOLL_CLOEXEC); srandom((unsigned)(now_ns() ^ getpid())); nonce = (uint32_t)random();
    slots = calloc(nslots, sizeof *slots); active = calloc(O.srcs, sizeof *active);
    for (int k = 0; k < O.srcs; k++) active[k] = src_new();
    for (int k = 0; k < BATCH; k++) { iiov[k] = (struct iovec){ ibuf[k], MAXMSG }; ihdr[k].msg_hdr.msg_iov = &iiov[k]; ihdr[k].msg_hdr.msg_iovlen = 1; }
    if (!O.raw) build_tail(); else for (int k = 0; k < BATCH; k++) memset(obuf[k], 0x55, sizeof obuf[k]);

    uint32_t *freelist = malloc(sizeof(uint32_t) * nslots), *freed = malloc(sizeof(uint32_t) * nslots); int nfree = 0, inflight = 0; for (int k = nslots - 1; k >= 0; k--) freelist[nfree++] = k;
    uint64_t start = now_ns(), tmeas = start + (uint64_t)(O.warmup * NS), tend = tmeas + (uint64_t)(O.duration * NS), tmo = (uint64_t)O.timeout_ms * 1000000ull, next_scan = start + NS / 10;
    int measuring = O.warmup <= 0; double cpu0 = 0, cpu1; long rss0 = 0, rss1; uint64_t t_begin = start, sent0 = 0; const double step = O.rate > 0 ? 1e9 / O.rate : 0; double intended = start;
    if (measuring) proc_stat(O.server_pid, &cpu0, &rss0);
    struct epoll_event evs[256];
    while (!stop) {
        uint64_t t = now_ns();
        if (!measuring && t >= tmeas) { /* start of the measured part: forget the warm-up */
            measuring = 1; memset(hist, 0, sizeof hist); hist_n = hist_max = 0; hist_sum = 0; c_ok = c_timeout = c_rst = c_code = c_malformed = c_unmatched = c_late = c_dup = c_payload = c_senderr = c_recverr = c_sep = c_emptyack = c_notif = c_again = 0; bytes_in = 0; memset(code_seen, 0, sizeof code_seen);
            sent0 = c_sent; t_begin = t; proc_stat(O.server_pid, &cpu0, &rss0);
        }
        if (t >= tend) break;
        if (O.requests && c_sent >= O.requests && inflight == 0) break;
        while (nfree && inflight < O.window && !(O.requests && c_sent >= O.requests)) {
            if (step > 0) { if (intended > (double)t) break; issue(freelist[--nfree], (uint64_t)intended); intended += step; }
            else issue(freelist[--nfree], t);
            inflight++;
        }
        for (int k = 0; k < O.srcs; k++) if (srcs[active[k]]->npend) flush_src(active[k]);
        int wait = O.spin ? 0 : step > 0 ? (intended - (double)t > 2e6 ? 1 : 0) : 20;   /* open loop: spin when the next send is near */
        int n = epoll_wait(ep, evs, 256, wait);
        int nf = 0;
        for (int k = 0; k < n; k++) if (srcs[evs[k].data.u32]) nf = drain(evs[k].data.u32, freed, nf);
        inflight -= nf; if (!O.observe) for (int k = 0; k < nf; k++) freelist[nfree++] = freed[k];   /* a relation keeps its slot and token */
        if (t >= next_scan) { next_scan = t + NS / 10;
            for (int k = 0; k < nslots; k++) if (slots[k].busy && t > slots[k].t0 && t - slots[k].t0 > tmo) { c_timeout++; slot_free(k); inflight--; if (!O.observe) freelist[nfree++] = k; }
            sweep(); }
    }
    uint64_t t1 = now_ns(); proc_stat(O.server_pid, &cpu1, &rss1); double secs = (t1 - t_begin) / 1e9;
    uint64_t done = c_ok + c_code + c_payload + c_rst, errs = c_timeout + c_rst + c_code + c_malformed + c_unmatched + c_late + c_dup + c_payload + c_senderr + c_recverr;
    uint64_t notif_run = c_notif;
    if (O.hold > 0 && !stop) { uint64_t th = now_ns() + (uint64_t)(O.hold * NS); while (!stop && now_ns() < th) { int n = epoll_wait(ep, evs, 256, 50); for (int k = 0; k < n; k++) if (srcs[evs[k].data.u32]) drain(evs[k].data.u32, freed, 0); } }
    double cpu2; long rss2; proc_stat(O.server_pid, &cpu2, &rss2);
    double cpuus = done && O.server_pid ? (cpu1 - cpu0) * 1e6 / done : 0, util = O.server_pid ? 100 * (cpu1 - cpu0) / secs : 0;
    if (O.json) {
        printf("{\"label\":\"%s\",\"window\":%d,\"src_ports\":%d,\"con\":%d,\"seconds\":%.3f,\"sent\":%lu,\"ok\":%lu,\"req_s\":%.0f,\"mean_us\":%.1f,\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"errors\":%lu,\"timeout\":%lu,\"rst\":%lu,\"bad_code\":%lu,\"malformed\":%lu,\"unmatched\":%lu,\"late\":%lu,\"dup\":%lu,\"bad_payload\":%lu,\"refused\":%lu,\"separate\":%lu,\"notifications\":%lu,\"cpu_us_per_req\":%.2f,\"server_cpu_pct\":%.0f,\"rss0_kb\":%ld,\"rss1_kb\":%ld,\"rss2_kb\":%ld,\"rotated\":%lu}\n",
            O.label ? O.label : "", O.window, O.srcs, O.con, secs, (unsigned long)(c_sent - sent0), (unsigned long)c_ok, c_ok / secs, hist_n ? hist_sum / hist_n / 1e3 : 0, hpct(.5), hpct(.9), hpct(.99), hpct(.999), hist_max / 1e3, (unsigned long)errs, (unsigned long)c_timeout, (unsigned long)c_rst, (unsigned long)c_code, (unsigned long)c_malformed, (unsigned long)c_unmatched, (unsigned long)c_late, (unsigned long)c_dup, (unsigned long)c_payload, (unsigned long)c_recverr, (unsigned long)c_sep, (unsigned long)c_notif, cpuus, util, rss0, rss1, rss2, (unsigned long)c_rotated);
    } else {
        printf("%s%s%s window %d, %d source port(s), %s, %.2f s\n", O.label ? O.label : "", O.label ? ": " : "", O.raw ? "raw echo" : "CoAP", O.window, O.srcs, O.raw ? "-" : O.con ? "CON" : "NON", secs);
        printf("  %.0f responses/s   (%lu valid of %lu sent, %.1f MB/s in)\n", c_ok / secs, (unsigned long)c_ok, (unsigned long)(c_sent - sent0), bytes_in / secs / 1e6);
        printf("  latency us: mean %.1f  p50 %.1f  p90 %.1f  p99 %.1f  p99.9 %.1f  max %.1f%s\n", hist_n ? hist_sum / hist_n / 1e3 : 0, hpct(.5), hpct(.9), hpct(.99), hpct(.999), hist_max / 1e3, step > 0 ? "  (from intended send time)" : "");
        printf("  errors %lu: timeout %lu, RST %lu, code %lu, payload %lu, malformed %lu, unmatched %lu, late %lu, duplicate %lu, send %lu, refused %lu\n", (unsigned long)errs, (unsigned long)c_timeout, (unsigned long)c_rst, (unsigned long)c_code, (unsigned long)c_payload, (unsigned long)c_malformed, (unsigned long)c_unmatched, (unsigned long)c_late, (unsigned long)c_dup, (unsigned long)c_senderr, (unsigned long)c_recverr);
        printf("  separate responses %lu, empty ACKs %lu, notifications %lu (+%lu in hold), send EAGAIN %lu, MID spaces used up %lu\n  codes:", (unsigned long)c_sep, (unsigned long)c_emptyack, (unsigned long)notif_run, (unsigned long)(c_notif - notif_run), (unsigned long)c_again, (unsigned long)c_rotated);
        for (int k = 0; k < 256; k++) if (code_seen[k]) printf(" %d.%02d x%u", k >> 5, k & 31, code_seen[k]);
        puts("");
        if (O.server_pid) printf("  server: %.2f us CPU/request, %.0f %% of a core, RSS %ld -> %ld KB (%ld KB after hold)\n", cpuus, util, rss0, rss1, rss2);
    }
    free(freelist); free(freed);
    return c_ok && !errs ? 0 : 1;
}
