/* A controller played by libmodbus alone, for several masters at once (the agent and whoever looks over its shoulder).
 * Listens on a free loopback port and prints it. Holding register n holds 1000 + n, input register n 2000 + n. */
#include <modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_anywhere(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    if (bind(listener, (struct sockaddr *)&where, size) != 0 || listen(listener, 8) != 0)
        return -1;
    getsockname(listener, (struct sockaddr *)&where, &size);
    printf("%d\n", ntohs(where.sin_port));
    fflush(stdout);
    return listener;
}

int main(void) {
    modbus_mapping_t *mapping = modbus_mapping_new(100, 100, 200, 100);
    for (int n = 0; n < 100; n++) {
        mapping->tab_bits[n] = mapping->tab_input_bits[n] = n % 2;
        mapping->tab_registers[n] = 1000 + n;
        mapping->tab_input_registers[n] = 2000 + n;
    }
    int listener = listen_anywhere();
    if (listener < 0)
        return 1;
    modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    fd_set known;
    FD_ZERO(&known);
    FD_SET(listener, &known);
    for (;;) {
        fd_set ready = known;
        if (select(FD_SETSIZE, &ready, NULL, NULL, NULL) < 0)
            return 1;
        for (int one = 0; one < FD_SETSIZE; one++) {
            if (!FD_ISSET(one, &ready))
                continue;
            if (one == listener) {
                int fresh = accept(listener, NULL, NULL);
                if (fresh >= 0)
                    FD_SET(fresh, &known);
                continue;
            }
            modbus_set_socket(context, one);
            int length = modbus_receive(context, query);
            if (length > 0) {
                modbus_reply(context, query, length, mapping);
            } else if (length < 0) {
                close(one);
                FD_CLR(one, &known);
            }
        }
    }
}
