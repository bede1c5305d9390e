"""A site file on probation: kept in the data folder beside the store, while the site file itself stays as it is.

So whatever breaks (this book, the box, the new file), the site file that is known to work is what the next run finds. Two
files: the text, and a small book of who wants it, for how long, and what stood when it began.
"""

from __future__ import annotations

import hashlib
import json
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from agent.config.apply import sync_folder, write_site
from agent.config.load import load_site
from agent.core.errors import ConfigurationError
from agent.core.serial import from_plain, to_plain
from agent.core.site import Catalogue, Site

log = logging.getLogger("plantroom.trial")

TEXT, BOOK, OFFERED = "site-on-probation.yaml", "site-on-probation.json", "site-offered.yaml"
MOST_CRASHES = 2  # of an agent on probation: one more, and areas would stay released until a person comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The book of one probation. `over` says why it has ended; empty while the file is on probation."""

    owner: str
    reason: str
    made: float  # UTC seconds
    seconds: float  # site seconds it may take
    digest: str = ""  # SHA-256 of the text
    filed: str = ""  # SHA-256 of the site file it would replace
    ends: float | None = None  # elapsed site seconds; None: not begun
    alarms: tuple[str, ...] = ()  # critical ones that stood before
    there: tuple[str, ...] = ()  # devices that answered before
    crashes: int = 0
    over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What is to be run now: the site, the folder of its data, and the book of the probation where there is one."""

    file: Path
    site: Site
    folder: Path
    trial: Trial | None = None

    @property
    def on_probation(self) -> bool:
        return self.trial is not None and not self.trial.over


def present_site(file: Path, catalogue: Catalogue, ended: Trial | None = None) -> Present:
    """The site on probation, else that of the site file. Raises ConfigurationError when the site file itself is wrong.

    `ended`: the last probation of this process, should the disk not have taken its end.
    """
    filed = load_site(file, catalogue)
    folder = Path(filed.store.path).parent
    trial = read_trial(folder)
    if ended is not None and (trial is None or trial.made == ended.made):
        trial = ended
    found = Present(file=file, site=filed, folder=folder, trial=trial)
    if found.trial is None or not found.on_probation:
        return found
    try:
        return replace(found, site=load_site(folder / TEXT, catalogue, beside=file))
    except ConfigurationError as error:
        over = end_trial(folder, found.trial, f"it cannot be loaded: {error.problems[0]}")
        return replace(found, trial=over)


def begin_trial(folder: Path, trial: Trial, text: str) -> None:
    """Durable on return, the book last: without it there is no probation. Raises OSError."""
    write_site(folder / TEXT, text, generations=0)
    keep_trial(folder, trial)


def keep_trial(folder: Path, trial: Trial) -> None:
    """Raises OSError."""
    write_site(folder / BOOK, json.dumps(to_plain(trial)), generations=0)


def read_trial(folder: Path) -> Trial | None:
    """None: nothing is on probation. One that is damaged is over: the site file holds."""
    try:
        trial = from_plain(Trial, json.loads((folder / BOOK).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        log.error("the book of the probation cannot be read (%s): the site file holds", error)
        return None
    try:
        whole = digest_of(folder / TEXT) == trial.digest
    except OSError as error:
        log.error("the file on probation cannot be read: %s", error)
        whole = False
    return trial if whole or trial.over else replace(trial, over="its text was damaged")


def end_trial(folder: Path, trial: Trial, why: str) -> Trial:
    """From here on the site file holds. A disk that refuses is no reason to go on with a file that fails."""
    over = replace(trial, over=why)
    try:
        keep_trial(folder, over)
    except OSError as error:
        log.error("the end of the probation cannot be stored: %s", error)
        with suppress(OSError):
            (folder / BOOK).unlink()
    return over


def forget_trial(folder: Path) -> None:
    """Told to everybody, or kept. Raises OSError."""
    for name in (BOOK, TEXT, OFFERED):
        (folder / name).unlink(missing_ok=True)
    sync_folder(folder)


def digest_of(file: Path) -> str:
    """Raises OSError."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
