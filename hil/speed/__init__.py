"""Speed beside a bare script, in one run: a device farm, a broker, a bare pymodbus + aiomqtt loop and the agent.

`python -m hil.speed` (or `make bench`) prints values/s delivered, CPU, memory, start to first value, change -> MQTT
and bytes stored a sample for both, and the ratio. Machines differ: only figures of one run may be compared.
"""
