/* A master of libmodbus that polls units 1..N at each of several ports once a second, one connection a port.
 * peer_poller ROUNDS UNITS REGISTERS PORT...   prints per round: answered, and milliseconds it took; then `worst MS`. */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

typedef struct { int port, units, registers, answered; } job;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void *poll_port(void *given) {
    job *one = given;
    uint16_t values[125];
    static __thread modbus_t *line;
    line = modbus_new_tcp("127.0.0.1", one->port);
    modbus_set_response_timeout(line, 2, 0);
    if (modbus_connect(line) == 0)
        for (int unit = 1; unit <= one->units; unit++) {
            modbus_set_slave(line, unit);
            if (modbus_read_input_registers(line, 0, one->registers, values) == one->registers)
                one->answered++;
        }
    modbus_close(line);
    modbus_free(line);
    return NULL;
}

int main(int count, char **words) {
    int rounds = atoi(words[1]), ports = count - 4;
    double worst = 0, next = now();
    for (int round = 0; round < rounds; round++, next += 1000) {
        while (now() < next)
            usleep((useconds_t)((next - now()) * 1e3) + 1);
        job jobs[64];
        pthread_t threads[64];
        double begun = now();
        for (int n = 0; n < ports; n++) {
            jobs[n] = (job){atoi(words[4 + n]), atoi(words[2]), atoi(words[3]), 0};
            pthread_create(&threads[n], NULL, poll_port, &jobs[n]);
        }
        int answered = 0;
        for (int n = 0; n < ports; n++) {
            pthread_join(threads[n], NULL);
            answered += jobs[n].answered;
        }
        double took = now() - begun;
        worst = took > worst ? took : worst;
        printf("%d %.0f\n", answered, took);
        fflush(stdout);
    }
    printf("worst %.0f\n", worst);
    return 0;
}
