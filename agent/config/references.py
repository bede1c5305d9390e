"""Values kept outside the site file: `{secret: name}`, and `{file: path}` or `{folder: path}` beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.config.document import Document, Where

_SECRET_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}")
_MAX_SECRET = 65_536

Resolved = tuple[str, tuple[str, str] | None]
"""The value, or the message and mend of why there is none."""


@dataclass(frozen=True, slots=True)
class References:
    """Resolves references relative to the folder of the site file."""

    document: Document
    folder: Path
    _secrets: list[str] = field(default_factory=list)  # read so far, to keep them out of messages

    def resolve(self, value: Mapping[str, Any], where: Where) -> Resolved:
        """The secret's content, or the absolute path of the file or folder."""
        if len(value) != 1:
            return "", ("a reference has one key", "write {secret: name}, {file: path} or {folder: path}")
        (kind, name), *_ = value.items()
        if not isinstance(name, str) or not name:
            return "", (f"{kind} needs a name", f"write {{{kind}: ...}}")
        if kind == "folder":  # may be made later, by whoever keeps things there
            return str(self.folder / name), None
        return self._secret(name, where) if kind == "secret" else self.file(name)

    def file(self, name: str) -> Resolved:
        """The absolute path of an existing file beside the site file."""
        path = self.folder / name
        try:
            exists = path.is_file()
        except (OSError, ValueError):
            exists = False
        if not exists:
            return "", (f"there is no file {str(path)[:200]!r}", "paths are relative to the site file")
        return str(path), None

    def _secret(self, name: str, where: Where) -> Resolved:
        if not _SECRET_NAME.fullmatch(name):
            return "", (f"'{name[:40]}' cannot be the name of a secret", "letters, digits, _ . -")
        credentials = os.environ.get("CREDENTIALS_DIRECTORY")  # systemd LoadCredential=
        folders = [self.folder / "secrets", *([Path(credentials)] if credentials else [])]
        try:
            path = next((found for folder in reversed(folders) if (found := folder / name).is_file()), None)
            if path is None:
                mend = f"put it into secrets/{name} beside the site file, mode 0600"
                return "", (f"secret '{name}' was not found", mend)
            if path.parent.name == "secrets" and path.stat().st_mode & 0o077:
                self.document.warn(
                    where, f"secrets/{name} can be read by others", f"chmod 600 secrets/{name}"
                )
            with path.open(encoding="utf-8") as stream:
                secret = stream.read(_MAX_SECRET).rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            return "", (f"secret '{name}' cannot be read", "check its owner, mode and encoding")
        self._secrets.append(secret)
        return secret, None

    def redacted(self, text: str) -> str:
        """The text without any secret read so far."""
        for secret in filter(None, self._secrets):
            text = text.replace(secret, "***")
        return text
