/* Hardware of a rig, played by libmodbus alone: an RTU slave, unit 1, on the serial port it is given.
 * Coil 0 runs the machine, discrete input 0 shows it, input 0 is 50.0 kW while it runs, input 1 is 7.00 degC. Prints
 * each write it takes. */
#include <modbus.h>
#include <stdio.h>

int main(int count, char **words) {
    modbus_mapping_t *mapping = modbus_mapping_new(10, 10, 10, 10);
    modbus_t *context = modbus_new_rtu(words[count - 1], 19200, 'E', 8, 1);
    modbus_set_slave(context, 1);
    if (modbus_connect(context) != 0)
        return 1;
    mapping->tab_bits[0] = 1;
    mapping->tab_registers[0] = 50;
    printf("ready\n");
    fflush(stdout);
    uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];
    for (;;) {
        int length = modbus_receive(context, query);
        if (length <= 0)
            continue;
        mapping->tab_input_bits[0] = mapping->tab_bits[0];
        mapping->tab_input_registers[0] = mapping->tab_bits[0] ? 500 : 0;
        mapping->tab_input_registers[1] = 700;
        modbus_reply(context, query, length, mapping);
        if (query[1] == 5 || query[1] == 6 || query[1] == 15 || query[1] == 16) {
            printf("coil %d register %d\n", mapping->tab_bits[0], mapping->tab_registers[0]);
            fflush(stdout);
        }
    }
}
