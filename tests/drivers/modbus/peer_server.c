/* A Modbus server made of libmodbus alone: an implementation that is not ours at the other end of the wire.
 * usage: peer_server tcp | peer_server rtu PORT
 * tcp: listens on a free loopback port and prints it. Holding register n holds 1000 + n, input n 2000 + n,
 * coils and discrete inputs n hold n % 2; holding 80.. holds some typed values. */
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Byte a is the most significant one; `order` is how the four bytes follow each other on the wire. */
static void put_float(float value, const char *order, uint16_t *registers) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int n = 0; n < 2; n++) {
        uint8_t first = bits >> (8 * (3 - (order[2 * n] - 'a')));
        uint8_t second = bits >> (8 * (3 - (order[2 * n + 1] - 'a')));
        registers[n] = first << 8 | second;
    }
}

static void serve(modbus_t *context, modbus_mapping_t *mapping) {
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        int length = modbus_receive(context, query);
        if (length > 0)
            modbus_reply(context, query, length, mapping);
        else if (length < 0 && errno != EMBBADCRC)
            return;
    }
}

int main(int argc, char **argv) {
    modbus_mapping_t *mapping = modbus_mapping_new(100, 100, 200, 100);
    for (int n = 0; n < 100; n++) {
        mapping->tab_bits[n] = mapping->tab_input_bits[n] = n % 2;
        mapping->tab_registers[n] = 1000 + n;
        mapping->tab_input_registers[n] = 2000 + n;
    }
    /* libmodbus' own modbus_set_float_abcd() and kin write host memory: on a little-endian machine ABCD goes out as BADC */
    put_float(21.5f, "abcd", mapping->tab_registers + 80);
    put_float(-3.25f, "dcba", mapping->tab_registers + 82);
    put_float(1e6f, "badc", mapping->tab_registers + 84);
    put_float(0.125f, "cdab", mapping->tab_registers + 86);
    if (argc > 2 && strcmp(argv[1], "rtu") == 0) {
        modbus_t *context = modbus_new_rtu(argv[2], 115200, 'N', 8, 1);
        modbus_set_slave(context, 1);
        if (modbus_connect(context) != 0)
            return 1;
        printf("ready\n");
        fflush(stdout);
        for (;;)
            serve(context, mapping);
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    if (bind(listener, (struct sockaddr *)&where, size) != 0 || listen(listener, 4) != 0)
        return 1;
    getsockname(listener, (struct sockaddr *)&where, &size);
    printf("%d\n", ntohs(where.sin_port));
    fflush(stdout);
    modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
    for (;;) {
        modbus_tcp_accept(context, &listener);
        serve(context, mapping);
        modbus_close(context);
    }
}
