"""The main job over real sockets: three protocols in, three policies in command, everything out to the cloud."""

import pytest
import pytest_asyncio

from tests.integration.plant_room import PlantRoom, until

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory):
    async with PlantRoom(tmp_path_factory.mktemp("room"), speed=60.0) as made:
        await made.run_agent_inside()
        yield made


async def test_at_night_the_redundant_chiller_goes_with_its_pumps_and_never_both(room):
    stopped = lambda: [n for n in (1, 2) if not room.truth[f"chiller_{n}.status"]]
    await until(lambda: len(stopped()) == 1, 40)
    machine = stopped()[0]
    await until(lambda: not room.truth[f"chilled_pump_{machine}.status"], 20)
    assert not room.truth[f"condenser_pump_{machine}.status"]
    assert len(stopped()) == 1
    why = await room.plantroom("why", f"ch{machine}.enable")
    assert why["winner"] == "shed"
    assert why["final"] is False
    assert "of what ran" in why["sentence"]


async def test_somebody_in_an_aisle_lights_it_and_its_neighbours_and_the_light_goes_again(room):
    quiet = {f"{name}.presence": False for name in ("ramp", "stairs", *(f"aisle_{x}" for x in "abcdef"))}
    room.plant.forced.update(quiet)
    await until(lambda: room.commands.get("aisle_c.lamp_level") == 10.0, 20)
    room.plant.forced["aisle_c.presence"] = True
    await until(lambda: room.commands["aisle_c.lamp_level"] == 100.0)
    await until(lambda: room.commands["aisle_b.lamp_level"] == 100.0 == room.commands["aisle_d.lamp_level"])
    assert room.commands["aisle_f.lamp_level"] == 10.0
    room.plant.forced["aisle_c.presence"] = False
    await until(
        lambda: room.commands["aisle_c.lamp_level"] == 10.0 == room.commands["aisle_b.lamp_level"], 20
    )


async def test_street_lamps_burn_at_night(room):
    await until(lambda: room.truth["street.lamp_switch"])
    why = await room.plantroom("why", "io.relay_1")
    assert why["winner"] == "streets"
    assert why["final"] is True


async def test_everything_read_arrives_at_the_cloud_once_by_both_ways(room):
    await until(lambda: len(room.cloud.book.ways) == 2 and "ch1" in room.cloud.book.latest, 20)
    await until(lambda: all(way.receiver.values > 2000 for way in room.cloud.book.ways.values()), 30)
    assert {"ch1", "pm1", "lamps", "weather"} <= set(room.cloud.book.latest)
    for way in room.cloud.book.ways.values():
        assert way.receiver.duplicates == 0
        assert way.refused == 0


async def test_a_dead_bus_is_bad_and_the_others_go_on(room):
    values = lambda rows: {row["id"]: row["quality"] for row in rows}

    async def load_is(quality):
        return values(await room.plantroom("points", "ch1.load"))["ch1.load"] == quality

    await until(lambda: room.commands.get("aisle_a.lamp_level") is not None, 20)
    face = room.simulated.faces["plant"]
    port = face.port
    await face.stop()
    await until(lambda: load_is("bad"))
    others = values(await room.plantroom("points", "*.illuminance_*"))
    assert set(others.values()) == {"good"}
    room.plant.forced["aisle_e.presence"] = True
    await until(lambda: room.commands["aisle_e.lamp_level"] == 100.0)
    await face.start("127.0.0.1", port)
    await until(lambda: load_is("good"), 30)


async def test_ending_in_order_gives_everything_back(room):
    await until(lambda: room.commands.get("aisle_c.lamp_level") == 10.0, 30)
    await room.end_agent()
    lamps = {name: value for name, value in room.commands.items() if name.endswith(".lamp_level")}
    assert set(lamps.values()) <= {100.0}, lamps
    assert room.commands.get("chiller_1.enable", True) is True
    assert room.commands.get("chiller_2.enable", True) is True
