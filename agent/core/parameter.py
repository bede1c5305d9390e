"""Parameters: dataclass fields that carry unit, bounds and one line of help.

Policies, buses and devices declare their settings this way, once; configuration checking, CLI help, the JSON
schema and the tuning page read the declaration.
"""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """What is known of one parameter. `unit` is the unit of the stored value (SI or the field's usual)."""

    name: str
    type: Any
    unit: str
    low: float | None
    high: float | None
    help: str
    required: bool
    default: Any
    restarts: tuple[str, ...] = ()  # fields of a policy's state that begin anew when it is changed


def parameter(
    default: Any = dataclasses.MISSING,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    help: str = "",  # noqa: A002 - the word every CLI library uses
    restarts: tuple[str, ...] = (),
) -> Any:
    """A dataclass field with its unit, bounds and help. Without a default it is required.

    `restarts`: fields of the policy's state (timers of a condition it is part of) that begin anew when it is changed.
    """
    metadata = {"unit": unit, "low": low, "high": high, "help": help, "restarts": restarts}
    return dataclasses.field(default=default, metadata=metadata)


def parameters(owner: type) -> tuple[ParameterSpec, ...]:
    """The declared parameters of a dataclass, in order."""
    hints = typing.get_type_hints(owner)
    return tuple(
        ParameterSpec(
            field.name,
            hints[field.name],
            field.metadata.get("unit", ""),
            field.metadata.get("low"),
            field.metadata.get("high"),
            field.metadata.get("help", ""),
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
            None if field.default is dataclasses.MISSING else field.default,
            field.metadata.get("restarts", ()),
        )
        for field in dataclasses.fields(owner)
        if field.init
    )
