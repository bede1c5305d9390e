/* An independent master: reads and writes the test device through libmodbus and prints what it saw. */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc < 3) return 64;
    modbus_t *bus = modbus_new_tcp(argv[1], atoi(argv[2]));
    uint16_t words[8];
    uint8_t bit = 9;
    if (modbus_connect(bus) != 0) return 1;
    modbus_set_slave(bus, 1);
    if (modbus_read_input_registers(bus, 0, 1, words) != 1) return 2;
    printf("temperature %d\n", (int16_t)words[0]);
    if (modbus_read_input_registers(bus, 2, 2, words) != 2) return 3;
    printf("power %.1f\n", modbus_get_float_abcd(words));
    if (modbus_read_input_bits(bus, 0, 1, &bit) != 1) return 4;
    printf("status %d\n", bit);
    if (modbus_write_bit(bus, 0, 0) != 1) return 5;
    if (modbus_read_bits(bus, 0, 1, &bit) != 1) return 6;
    printf("enable %d\n", bit);
    words[0] = 0x427A; /* 62.5 as IEEE 754; modbus_set_float_abcd of 3.1.6 swaps the bytes of a word */
    words[1] = 0x0000;
    if (modbus_write_registers(bus, 2, 2, words) != 2) return 7;
    if (modbus_mask_write_register(bus, 0, 0xFF00, 0x0041) < 0) return 8;
    words[0] = 0x0050;
    if (modbus_write_and_read_registers(bus, 0, 1, words, 0, 4, words) != 4) return 9;
    printf("setpoint %d limit %.1f\n", words[0], modbus_get_float_abcd(words + 2));
    if (modbus_read_registers(bus, 0, 9, words) != -1) return 10;
    printf("refused %s\n", modbus_strerror(errno));
    modbus_close(bus);
    modbus_free(bus);
    return 0;
}
