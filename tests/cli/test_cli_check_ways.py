"""The site file of `check` may be named plainly or as other commands name it."""

from typer.testing import CliRunner

from agent.cli.__main__ import root


def test_both_ways_say_the_same_and_without_a_file_it_says_what_to_write(tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text("version: 1\n", encoding="utf-8")
    plain = CliRunner().invoke(root(), ["check", str(file)])
    named = CliRunner().invoke(root(), ["check", "--config", str(file)])
    assert (plain.exit_code, plain.output) == (named.exit_code, named.output) == (2, plain.output)
    assert "site" in plain.output
    nothing = CliRunner().invoke(root(), ["check"])
    assert (nothing.exit_code, "plantroom check site.yaml" in nothing.output) == (2, True)
