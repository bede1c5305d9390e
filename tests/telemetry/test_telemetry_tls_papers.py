"""Certificates are read once, not at every try of a bad line; and anew as soon as a file behind them has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.telemetry.uplinks.carrier import LinkError, TlsPapers
from tests.telemetry.certificates import make_certificates


async def test_they_are_read_once_and_again_when_a_file_has_changed(tmp_path: Path) -> None:
    ours = make_certificates(tmp_path)
    papers = TlsPapers(ours.ca, ours.client, "")
    first = await papers.context()
    assert await papers.context() is first
    renewed = Path(ours.client).read_bytes()
    os.utime(ours.client, ns=(1, 1))  # written again, with the same size
    second = await papers.context()
    assert second is not first
    Path(ours.client).write_text("half of one")
    with pytest.raises(LinkError, match="certificate files"):
        await papers.context()
    Path(ours.client).unlink()
    with pytest.raises(LinkError, match="certificate files"):
        await papers.context()
    Path(ours.client).write_bytes(renewed)
    assert await papers.context() is not second


async def test_the_systems_own_authorities_are_read_once_too() -> None:
    papers = TlsPapers("", "", "")
    assert await papers.context() is await papers.context()
