/*
 * What libcoap's codec takes for the messages of ../messages.mjs: one line `message name median best` each, in ns.
 *
 *   cc -O2 -Wall -Wextra -o build/bench_libcoap bench_libcoap.c -lcoap-3-notls
 *
 * `bench_libcoap b` measures that message alone, in a tenth of a second: a yardstick for other benchmarks to run in turn.
 */
#include "msgs.h"
#include <coap3/coap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SAMPLES 21

static long iterations = 100000;

static volatile unsigned long sink;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

#define BENCH(message, name, ...)                                               \
    do {                                                                        \
        double samples[SAMPLES];                                                \
        for (int sample = 0; sample < SAMPLES; sample++) {                      \
            double start = now();                                               \
            for (long i = 0; i < iterations; i++) { __VA_ARGS__; }              \
            samples[sample] = (now() - start) / iterations;                     \
        }                                                                       \
        qsort(samples, SAMPLES, sizeof *samples, compare);                      \
        printf("%c\t%s\t%.1f\t%.1f\n", message, name, samples[SAMPLES / 2], samples[0]); \
    } while (0)

static const unsigned char token[8] = { 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x07, 0x18 };
static unsigned char payload[1024];

static void add_uint(coap_pdu_t *pdu, unsigned number, unsigned value) {
    unsigned char bytes[4];
    coap_add_option(pdu, number, coap_encode_var_safe(bytes, sizeof bytes, value), bytes);
}

static void add_text(coap_pdu_t *pdu, unsigned number, const char *text) {
    coap_add_option(pdu, number, strlen(text), (const uint8_t *)text);
}

static coap_pdu_t *build(char message, unsigned message_id) {
    static const int codes[] = { 0, 1, 69, 2 };
    int is_ack = message == 'a' || message == 'c';
    coap_pdu_t *pdu = coap_pdu_init(is_ack ? COAP_MESSAGE_ACK : COAP_MESSAGE_CON, codes[message - 'a'], message_id, 1152);
    if (message != 'a') coap_add_token(pdu, sizeof token, token);
    if (message == 'b') {
        add_text(pdu, 11, "3303"), add_text(pdu, 11, "0"), add_text(pdu, 11, "5700");
        add_uint(pdu, 17, 11542);
    } else if (message == 'c') {
        add_uint(pdu, 6, 300), add_uint(pdu, 12, 11542), add_uint(pdu, 23, 0x1d);
        coap_add_data(pdu, 512, payload);
    } else if (message == 'd') {
        add_text(pdu, 11, "rd"), add_uint(pdu, 12, 40);
        add_text(pdu, 15, "ep=urn:imei:490154203237518"), add_text(pdu, 15, "lt=86400");
        add_text(pdu, 15, "lwm2m=1.1"), add_text(pdu, 15, "b=U");
        coap_add_data(pdu, 300, payload);
    }
    return pdu;
}

static void parse(coap_pdu_t *pdu, const unsigned char *bytes, size_t length) {
    if (!coap_pdu_parse(COAP_PROTO_UDP, bytes, length, pdu)) abort();
    sink += coap_pdu_get_mid(pdu);
}

static void walk(coap_pdu_t *pdu) {
    coap_opt_iterator_t iterator;
    coap_option_iterator_init(pdu, &iterator, COAP_OPT_ALL);
    for (coap_opt_t *option; (option = coap_option_next(&iterator));) {
        sink += iterator.number + coap_opt_length(option) + coap_opt_value(option)[0];
    }
    size_t length;
    const uint8_t *data;
    if (coap_get_data(pdu, &length, &data)) sink += length;
}

static void bench(char message, const unsigned char *bytes, size_t length) {
    coap_pdu_t *reused = coap_pdu_init(0, 0, 0, 1152);
    BENCH(message, "libcoap parse, PDU reused", parse(reused, bytes, length));
    coap_delete_pdu(reused);
    BENCH(message, "libcoap parse", coap_pdu_t *pdu = coap_pdu_init(0, 0, 0, length); parse(pdu, bytes, length); coap_delete_pdu(pdu));
    BENCH(message, "libcoap parse + walk over options", coap_pdu_t *pdu = coap_pdu_init(0, 0, 0, length);
          parse(pdu, bytes, length); walk(pdu); coap_delete_pdu(pdu));
    BENCH(message, "libcoap build", coap_pdu_t *pdu = build(message, i & 0xffff); sink += coap_pdu_get_mid(pdu);
          coap_delete_pdu(pdu));
}

int main(int count, char **arguments) {
    char only = count > 1 ? arguments[1][0] : 0;
    if (only) iterations /= 10;
    coap_startup();
    coap_set_log_level(LOG_EMERG);
    if (!only || only == 'a') bench('a', msg_a, sizeof msg_a);
    if (!only || only == 'b') bench('b', msg_b, sizeof msg_b);
    if (!only || only == 'c') bench('c', msg_c, sizeof msg_c);
    if (!only || only == 'd') bench('d', msg_d, sizeof msg_d);
    return 0;
}
