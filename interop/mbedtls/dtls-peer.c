/*
 * A DTLS 1.2 client and server on mbedTLS, told what to do by lines on standard input:
 *
 *   serve KEY=VALUE ...              listens on a port of its own choice, for one client after the other
 *   connect port=N KEY=VALUE ...     makes an association; `again` makes one more, going on from its session
 *   say TEXT                         sends a datagram
 *   close                            ends the association with close_notify
 *
 * It answers with `listening PORT`, `connected SUITE by WHO resumed=yes|no`, `heard TEXT`, `closed`, `failed WHY`.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/timing.h>
#include <mbedtls/x509_crt.h>

enum { LINE_MAX_BYTES = 2048, KEY_MAX_BYTES = 64, TICK_MS = 20 };

struct wish {
    int port, fragment, is_again;
    char suite[80], identity[80], psk[2 * KEY_MAX_BYTES + 1], key[256], certificate[256], trust[256], name[80], sessions[16];
};

struct peer {
    struct wish wish;
    int is_server, socket, is_up, is_resumed;
    int suites[2];
    char who[160];
    unsigned char psk[KEY_MAX_BYTES];
    size_t psk_length;
    struct sockaddr_in remote;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_ssl_session session;
    mbedtls_ssl_cache_context cache;
    mbedtls_ssl_ticket_context tickets;
    mbedtls_ssl_cookie_ctx cookies;
    mbedtls_timing_delay_context timer;
    mbedtls_x509_crt own, trust;
    mbedtls_pk_context key;
};

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context drbg;
static struct peer peer;

static void tell(const char *what, const char *more)
{
    printf("%s %s\n", what, more);
    fflush(stdout);
}

static void fail(int status)
{
    char text[200];
    mbedtls_strerror(status, text, sizeof text);
    tell("failed", text);
}

/* The value of `name=` in a line of words, or nothing. */
static void take(char *into, size_t size, const char *line, const char *name)
{
    size_t length = strlen(name);
    for (const char *word = line; word != NULL; word = strchr(word, ' ')) {
        while (*word == ' ') word++;
        if (strncmp(word, name, length) != 0 || word[length] != '=') continue;
        const char *value = word + length + 1;
        size_t bytes = strcspn(value, " \n");
        if (bytes >= size) exit(2);
        memcpy(into, value, bytes);
        into[bytes] = 0;
        return;
    }
    into[0] = 0;
}

static void read_wish(struct wish *wish, const char *line)
{
    char number[16];
    take(number, sizeof number, line, "port");
    wish->port = atoi(number);
    take(number, sizeof number, line, "fragment");
    wish->fragment = atoi(number);
    take(wish->suite, sizeof wish->suite, line, "suite");
    take(wish->identity, sizeof wish->identity, line, "identity");
    take(wish->psk, sizeof wish->psk, line, "psk");
    take(wish->key, sizeof wish->key, line, "key");
    take(wish->certificate, sizeof wish->certificate, line, "certificate");
    take(wish->trust, sizeof wish->trust, line, "trust");
    take(wish->name, sizeof wish->name, line, "name");
    take(wish->sessions, sizeof wish->sessions, line, "sessions");
}

static int send_datagram(void *context, const unsigned char *bytes, size_t length)
{
    struct peer *to = context;
    ssize_t sent = sendto(to->socket, bytes, length, 0, (struct sockaddr *) &to->remote, sizeof to->remote);
    return sent < 0 ? MBEDTLS_ERR_NET_SEND_FAILED : (int) sent;
}

static int receive_datagram(void *context, unsigned char *bytes, size_t size)
{
    struct peer *from = context;
    struct sockaddr_in source;
    socklen_t length = sizeof source;
    ssize_t got = recvfrom(from->socket, bytes, size, MSG_DONTWAIT, (struct sockaddr *) &source, &length);
    if (got < 0) return MBEDTLS_ERR_SSL_WANT_READ;
    if (from->is_server && !from->is_up) {
        from->remote = source;
        mbedtls_ssl_set_client_transport_id(&from->ssl, (unsigned char *) &source, sizeof source);
    }
    return (int) got;
}

static int find_key(void *context, mbedtls_ssl_context *ssl, const unsigned char *identity, size_t length)
{
    struct peer *own = context;
    if (length != strlen(own->wish.identity) || memcmp(identity, own->wish.identity, length) != 0)
        return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
    return mbedtls_ssl_set_hs_psk(ssl, own->psk, own->psk_length);
}

/* The server goes on from a session when its cache, or its ticket, has it. */
static int find_session(void *context, mbedtls_ssl_session *session)
{
    struct peer *own = context;
    int status = mbedtls_ssl_cache_get(&own->cache, session);
    if (status == 0) own->is_resumed = 1;
    return status;
}

static int keep_session(void *context, const mbedtls_ssl_session *session)
{
    return mbedtls_ssl_cache_set(&((struct peer *) context)->cache, session);
}

static int open_ticket(void *context, mbedtls_ssl_session *session, unsigned char *ticket, size_t length)
{
    struct peer *own = context;
    int status = mbedtls_ssl_ticket_parse(&own->tickets, session, ticket, length);
    if (status == 0) own->is_resumed = 1;
    return status;
}

static int seal_ticket(void *context, const mbedtls_ssl_session *session, unsigned char *start,
                       const unsigned char *end, size_t *length, uint32_t *lifetime)
{
    return mbedtls_ssl_ticket_write(&((struct peer *) context)->tickets, session, start, end, length, lifetime);
}

static int set_credentials(struct peer *own)
{
    const struct wish *wish = &own->wish;
    int status = 0;
    own->psk_length = strlen(wish->psk) / 2;
    for (size_t index = 0; index < own->psk_length; index++)
        if (sscanf(wish->psk + 2 * index, "%2hhx", &own->psk[index]) != 1) return -1;
    if (own->psk_length > 0 && own->is_server)
        mbedtls_ssl_conf_psk_cb(&own->config, find_key, own);
    else if (own->psk_length > 0)
        status = mbedtls_ssl_conf_psk(&own->config, own->psk, own->psk_length, (const unsigned char *) wish->identity,
                                      strlen(wish->identity));
    if (status == 0 && wish->trust[0]) status = mbedtls_x509_crt_parse_file(&own->trust, wish->trust);
    if (status == 0 && wish->trust[0]) mbedtls_ssl_conf_ca_chain(&own->config, &own->trust, NULL);
    if (status != 0 || !wish->key[0]) return status;
    status = mbedtls_x509_crt_parse_file(&own->own, wish->certificate);
    if (status == 0) status = mbedtls_pk_parse_keyfile(&own->key, wish->key, NULL);
    return status != 0 ? status : mbedtls_ssl_conf_own_cert(&own->config, &own->own, &own->key);
}

static int set_server(struct peer *own)
{
    mbedtls_ssl_config *config = &own->config;
    int status = mbedtls_ssl_cookie_setup(&own->cookies, mbedtls_ctr_drbg_random, &drbg);
    mbedtls_ssl_conf_dtls_cookies(config, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check, &own->cookies);
    mbedtls_ssl_conf_session_cache(config, own, find_session, keep_session);
    if (status == 0 && strcmp(own->wish.sessions, "tickets") == 0) {
        status = mbedtls_ssl_ticket_setup(&own->tickets, mbedtls_ctr_drbg_random, &drbg, MBEDTLS_CIPHER_AES_256_GCM, 3600);
        mbedtls_ssl_conf_session_tickets_cb(config, seal_ticket, open_ticket, own);
    }
    return status;
}

static int configure(struct peer *own)
{
    mbedtls_ssl_config *config = &own->config;
    int status = mbedtls_ssl_config_defaults(config, own->is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                             MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (status != 0) return status;
    mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &drbg);
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_authmode(config, own->wish.trust[0] ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
    if (!own->is_server)
        mbedtls_ssl_conf_session_tickets(config, strcmp(own->wish.sessions, "tickets") == 0);
    char name[80];
    for (size_t index = 0; index < sizeof name; index++)
        name[index] = own->wish.suite[index] == '_' ? '-' : own->wish.suite[index];
    own->suites[0] = mbedtls_ssl_get_ciphersuite_id(name);
    if (own->suites[0] == 0) return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    mbedtls_ssl_conf_ciphersuites(config, own->suites);
    if (own->wish.fragment == 512) status = mbedtls_ssl_conf_max_frag_len(config, MBEDTLS_SSL_MAX_FRAG_LEN_512);
    if (own->wish.fragment == 1024) status = mbedtls_ssl_conf_max_frag_len(config, MBEDTLS_SSL_MAX_FRAG_LEN_1024);
    if (status == 0) status = set_credentials(own);
    if (status == 0 && own->is_server) status = set_server(own);
    return status;
}

static int open_socket(struct peer *own)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof here;
    own->socket = socket(AF_INET, SOCK_DGRAM, 0);
    if (own->socket < 0 || bind(own->socket, (struct sockaddr *) &here, sizeof here) != 0) return -1;
    if (getsockname(own->socket, (struct sockaddr *) &here, &length) != 0) return -1;
    own->remote = here;
    own->remote.sin_port = htons((unsigned short) own->wish.port);
    if (!own->is_server) return 0;
    char port[16];
    snprintf(port, sizeof port, "%d", ntohs(here.sin_port));
    tell("listening", port);
    return 0;
}

static int begin(struct peer *own)
{
    mbedtls_ssl_init(&own->ssl);
    mbedtls_ssl_config_init(&own->config);
    mbedtls_ssl_session_init(&own->session);
    mbedtls_ssl_cache_init(&own->cache);
    mbedtls_ssl_ticket_init(&own->tickets);
    mbedtls_ssl_cookie_init(&own->cookies);
    mbedtls_x509_crt_init(&own->own);
    mbedtls_x509_crt_init(&own->trust);
    mbedtls_pk_init(&own->key);
    int status = configure(own);
    if (status == 0) status = mbedtls_ssl_setup(&own->ssl, &own->config);
    if (status == 0 && own->wish.name[0]) status = mbedtls_ssl_set_hostname(&own->ssl, own->wish.name);
    if (status != 0) return status;
    mbedtls_ssl_set_bio(&own->ssl, own, send_datagram, receive_datagram, NULL);
    mbedtls_ssl_set_timer_cb(&own->ssl, &own->timer, mbedtls_timing_set_delay, mbedtls_timing_get_delay);
    return open_socket(own);
}

static void release(struct peer *own)
{
    if (own->suites[0] == 0) return;
    close(own->socket);
    mbedtls_ssl_free(&own->ssl);
    mbedtls_ssl_config_free(&own->config);
    mbedtls_ssl_session_free(&own->session);
    mbedtls_ssl_cache_free(&own->cache);
    mbedtls_ssl_ticket_free(&own->tickets);
    mbedtls_ssl_cookie_free(&own->cookies);
    mbedtls_x509_crt_free(&own->own);
    mbedtls_x509_crt_free(&own->trust);
    mbedtls_pk_free(&own->key);
    memset(own, 0, sizeof *own);
}

static void tell_connected(struct peer *own)
{
    char line[400], who[200] = "psk";
    const mbedtls_x509_crt *shown = mbedtls_ssl_get_peer_cert(&own->ssl);
    if (shown != NULL) {
        strcpy(who, "x509:");
        mbedtls_x509_dn_gets(who + strlen(who), sizeof who - 10, &shown->subject);
    }
    char suite[80];
    snprintf(suite, sizeof suite, "%s", mbedtls_ssl_get_ciphersuite(&own->ssl));
    for (char *at = suite; *at; at++)
        if (*at == '-') *at = '_';
    snprintf(line, sizeof line, "%s by %s resumed=%s fragment=%d", suite, who, own->is_resumed ? "yes" : "no",
             (int) mbedtls_ssl_get_output_max_frag_len(&own->ssl));
    tell("connected", line);
}

static void again(struct peer *own)
{
    own->is_up = 0;
    own->is_resumed = 0;
    int status = mbedtls_ssl_session_reset(&own->ssl);
    if (status == 0 && !own->is_server) status = mbedtls_ssl_set_session(&own->ssl, &own->session);
    if (status != 0) fail(status);
}

static void shake_hands(struct peer *own)
{
    int status = mbedtls_ssl_handshake(&own->ssl);
    if (status == MBEDTLS_ERR_SSL_WANT_READ || status == MBEDTLS_ERR_SSL_WANT_WRITE) return;
    if (status == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) {
        mbedtls_ssl_session_reset(&own->ssl);
        return;
    }
    if (status == 0) {
        own->is_up = 1;
        if (!own->is_server) {
            mbedtls_ssl_session_free(&own->session);
            mbedtls_ssl_session_init(&own->session);
            mbedtls_ssl_get_session(&own->ssl, &own->session);
        }
        tell_connected(own);
        return;
    }
    fail(status);
    if (own->is_server) again(own);
    else release(own);
}

static void listen_up(struct peer *own)
{
    unsigned char text[20000];
    int length = mbedtls_ssl_read(&own->ssl, text, sizeof text - 1);
    if (length == MBEDTLS_ERR_SSL_WANT_READ || length == MBEDTLS_ERR_SSL_WANT_WRITE) return;
    if (length > 0) {
        text[length] = 0;
        text[strcspn((char *) text, "\n")] = 0;
        tell("heard", (char *) text);
        return;
    }
    if (length == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) tell("closed", "by the peer");
    else fail(length);
    if (own->is_server) again(own);
    else own->is_up = -1;
}

static void obey(char *line)
{
    line[strcspn(line, "\n")] = 0;
    int serves = strncmp(line, "serve ", 6) == 0;
    if (serves || strncmp(line, "connect ", 8) == 0) {
        release(&peer);
        peer.is_server = serves;
        read_wish(&peer.wish, line);
        int status = begin(&peer);
        if (status != 0) fail(status);
    } else if (peer.suites[0] == 0) {
        tell("failed", "there is no association");
    } else if (strncmp(line, "say ", 4) == 0) {
        int status = mbedtls_ssl_write(&peer.ssl, (unsigned char *) line + 4, strlen(line + 4));
        if (status < 0) fail(status);
    } else if (strcmp(line, "close") == 0) {
        mbedtls_ssl_close_notify(&peer.ssl);
        tell("closed", "here");
        peer.is_up = -1;
    } else if (strcmp(line, "again") == 0) {
        again(&peer);
    } else {
        tell("failed", "no such command");
    }
}

int main(void)
{
    char line[LINE_MAX_BYTES];
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&drbg);
    if (mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0) != 0) return 1;
    setvbuf(stdin, NULL, _IONBF, 0); /* poll() must see what there is */
    for (;;) {
        struct pollfd wanted[2] = { { .fd = 0, .events = POLLIN }, { .fd = peer.socket, .events = POLLIN } };
        if (poll(wanted, peer.suites[0] == 0 ? 1 : 2, TICK_MS) < 0) return 1;
        if (wanted[0].revents != 0) {
            if (fgets(line, sizeof line, stdin) == NULL) return 0;
            obey(line);
        }
        if (peer.suites[0] == 0 || peer.is_up < 0) continue;
        if (peer.is_up) listen_up(&peer);
        else shake_hands(&peer);
    }
}
