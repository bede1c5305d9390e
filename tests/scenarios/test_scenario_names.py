"""What a story may speak of is listed for the person who writes it."""

from typer.testing import CliRunner

from hil.cli import bench
from tests.hil.bench.bench_room import lay_out


def test_everything_a_story_can_name_is_listed(tmp_path):
    path = lay_out(tmp_path, "version: 1\nsite: room\n")
    done = CliRunner().invoke(bench(), ["run", str(path), "--names"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    for wanted in (
        "  loop.load* kW",
        "  chiller_1.status",
        "  m1.limit* %",
        "  m1.supply degC",
        "  chiller_1",
        "  plant: bms, shadow, agent",
        "  plant:chiller_1.trip: stops and stays off",
        "  bus:room",
        "  device:m1",
    ):
        assert wanted in lines, done.output
    assert any(line.startswith("  freeze (at device): ") for line in lines)
