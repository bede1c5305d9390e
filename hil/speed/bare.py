"""The yardstick: what a good engineer writes in an afternoon with pymodbus and aiomqtt. No types, no store, no control.

python -m hil.speed.bare FARM_PORT MQTT_PORT DEVICES PERIOD [uvloop]
"""

from __future__ import annotations

import asyncio
import json
import sys

from aiomqtt import Client
from pymodbus.client import AsyncModbusTcpClient

from hil.speed.farm import address


async def poll(number: int, farm: int, period: float, mqtt: Client) -> None:
    client = AsyncModbusTcpClient(address(number), port=farm)
    await client.connect()
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        answer = await client.read_holding_registers(0, count=100, device_id=1)
        if not answer.isError():
            await mqtt.publish(f"bench/{number}", json.dumps(answer.registers), qos=0)
        due += period
        await asyncio.sleep(max(0.0, due - loop.time()))


async def main(farm: int, broker: int, devices: int, period: float) -> None:
    async with Client("127.0.0.1", broker) as mqtt, asyncio.TaskGroup() as group:
        for number in range(devices):
            group.create_task(poll(number, farm, period, mqtt))


if __name__ == "__main__":
    arguments = main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    if "uvloop" in sys.argv:
        import uvloop

        uvloop.run(arguments)
    else:
        asyncio.run(arguments)
