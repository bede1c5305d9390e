"""The office before its retrofit: all lamps, as long as anybody is there."""

from hil.baselines.lighting_hours import LightingHours
from tests.policies.snapshots import Bench, bad, machine, model


def test_an_office_burns_while_anybody_is_there():
    rows = [machine(f"row_{n}", "lamp_group", ("lamp_level", "presence")) for n in (1, 2)]
    bench = Bench(
        LightingHours(name="lamps", level=77.0),
        model(*rows),
        {"row_1.presence": False, "row_2.presence": True},
    )
    assert set(bench.run().values()) == {77.0}
    bench.values["row_2.presence"] = False
    assert set(bench.run().values()) == {0.0}
    bench.values["row_1.presence"] = bad()
    assert set(bench.run().values()) == {0.0}
