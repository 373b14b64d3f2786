/*
 * The least libcoap server: GET /hello is answered 2.05 "hello".
 *
 *   cc -O2 -Wall -Wextra -o build/srv_libcoap srv_libcoap.c -lcoap-3-notls
 *   build/srv_libcoap PORT
 */
#include <arpa/inet.h>
#include <coap3/coap.h>
#include <stdlib.h>

static void hello(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
                  const coap_string_t *query, coap_pdu_t *response) {
    (void)resource, (void)session, (void)request, (void)query;
    coap_pdu_set_code(response, COAP_RESPONSE_CODE_CONTENT);
    coap_add_data(response, 5, (const uint8_t *)"hello");
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    coap_startup();
    coap_set_log_level(LOG_EMERG);
    coap_context_t *context = coap_new_context(NULL);
    coap_address_t address;
    coap_address_init(&address);
    address.size = sizeof(struct sockaddr_in);
    address.addr.sin.sin_family = AF_INET;
    address.addr.sin.sin_port = htons(atoi(argv[1]));
    address.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!coap_new_endpoint(context, &address, COAP_PROTO_UDP)) return 1;
    coap_resource_t *resource = coap_resource_init(coap_make_str_const("hello"), 0);
    coap_register_handler(resource, COAP_REQUEST_GET, hello);
    coap_add_resource(context, resource);
    for (;;) coap_io_process(context, COAP_IO_WAIT);
}
