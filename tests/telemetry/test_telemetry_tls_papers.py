"""Certificates are read once, not at every try of a bad line; and anew as soon as a file behind them has changed."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path

import pytest

from agent.telemetry.uplinks.carrier import LinkError, TlsPapers
from tests.telemetry.certificates import make_certificates


def read(papers: TlsPapers) -> ssl.SSLContext:
    return asyncio.run(papers.context())


def test_they_are_read_once_and_again_when_a_file_has_changed(tmp_path: Path) -> None:
    ours = make_certificates(tmp_path)
    papers = TlsPapers(ours.ca, ours.client, "")
    first = read(papers)
    assert read(papers) is first
    renewed = Path(ours.client).read_bytes()
    os.utime(ours.client, ns=(1, 1))  # written again, with the same size
    second = read(papers)
    assert second is not first
    Path(ours.client).write_text("half of one")
    with pytest.raises(LinkError, match="certificate files"):
        read(papers)
    Path(ours.client).unlink()
    with pytest.raises(LinkError, match="certificate files"):
        read(papers)
    Path(ours.client).write_bytes(renewed)
    assert read(papers) is not second


def test_the_systems_own_authorities_are_read_once_too() -> None:
    papers = TlsPapers("", "", "")
    assert read(papers) is read(papers)
