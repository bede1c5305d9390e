"""Drivers: those who speak for the devices behind one bus. One module or package a kind; none knows another.

How to write a driver `drivers/<name>.py` (a package when it passes 300 lines):

1. `KINDS: dict[str, DriverKind]` names the kinds it serves and carries their settings, as frozen dataclasses of
   `parameter(...)`. Importing the module must stay cheap: client libraries are imported inside `create`.
2. `create(bus_id, settings, devices, clock, sink)` gives an object with the five methods of `agent.core.driver.Driver`.
   It may import `agent.core` and `agent.calc`, and nothing else of ours.
3. Errors: BusError when line or socket failed, DeviceError when one device did, RefusedError when it refuses for good.
   What cannot be decoded is a BAD reading with its reason. What arrives late, broken or for somebody else is an error,
   never a value. Every wait has an end.
4. `tests/contract/bench_<name>.py` puts it under the contract every driver keeps; the file says what a bench is.

The catalogue finds it by itself; installed packages can add drivers through the entry point group `plantroom.drivers`.
"""
