#!/usr/bin/env python3
"""Makes docs/page.png: the page of the real demonstration on a summer afternoon, with one point held by hand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("page.png")
BIN = Path(sys.executable).parent
SETTLE = 45_000  # ms; lamps are lit for half a minute after a start
FLAGS = ["--no-sandbox", "--disable-gpu", "--force-prefers-color-scheme=light"]
OVERRIDE = ["override", "lamps.level_2", "60", "--for", "2 h", "--reason", "Cleaning of aisle A"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        start = [BIN / "plantroom", "demo", "--data", folder, "--port", "0", "--start", "2026-07-15T06:00"]
        demo = subprocess.Popen([*map(str, start)], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        try:
            url = _url(demo)
            socket = {**os.environ, "PLANTROOM_SOCKET": f"{folder}/data/plantroom.sock"}
            subprocess.run([str(BIN / "plantroom"), *OVERRIDE], env=socket, check=True)  # noqa: S603 - our own program
            _take(url)
        finally:
            demo.terminate()
            demo.wait(30)


def _url(demo: subprocess.Popen[str]) -> str:
    if demo.stdout is None:
        raise RuntimeError("the demonstration says nothing")
    for line in demo.stdout:
        if found := re.search(r"page on (http://[^\s;]+)", line):
            return found[1]
    raise RuntimeError("the demonstration ended")


def _take(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
        page.goto(url)
        page.wait_for_timeout(SETTLE)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
