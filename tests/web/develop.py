"""Serves the page on the fake plant, to work on it by hand: `python -m tests.web.develop 8091`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from agent.core.site import WebSettings
from agent.web.server import WebServer
from tests.web.fake_console import FakeConsole


async def main(port: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = WebSettings(port=port, socket=f"{folder}/plantroom.sock")
        server = WebServer(FakeConsole(), settings, Path(folder))
        await server.start()
        sys.stdout.write(f"{server.url} {server.setup_code}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8091))
