"""The policies of all areas under the layers that stand: what each is in the site file, what it is now, and by whose word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.control.loop import AreaLoop
from agent.control.tuning_book import TuningBook
from agent.core.policy import AnyPolicy
from agent.core.tuning import Effective, Tuning, UnfitError, carried, effective

GONE = "the site has no such policy any more"


class PolicyStack:
    """Puts the policies into the loops. Nothing of their state is lost but timers that a new parameter starts afresh."""

    def __init__(self, loops: Mapping[str, AreaLoop]) -> None:
        self._loops = loops
        self._filed = {name: one for loop in loops.values() for name, one in loop.policies.items()}
        self._effective: dict[str, Effective] = {}
        self.book = TuningBook()

    def begin(self, book: TuningBook) -> None:
        """The book of the run before: the states are already those under its parameters."""
        self.book = book
        for name in self._filed:
            self._apply(name, kept_state=True)

    def take(self, book: TuningBook) -> None:
        """From here on this book holds."""
        self.book = book
        for name in self._filed:
            self._apply(name)

    def area_of(self, policy: str) -> str | None:
        return next((area for area, loop in self._loops.items() if policy in loop.policies), None)

    def policies(self) -> tuple[str, ...]:
        return tuple(self._filed)

    def filed(self, policy: str) -> AnyPolicy:
        """As the site file says. Raises KeyError."""
        return self._filed[policy]

    def effective(self, policy: str) -> Effective:
        """As it decides, and by whose word. Raises KeyError."""
        return self._effective[policy]

    def aside(self, layer: Tuning) -> str:
        """Why a layer that stands does not hold; empty: it does."""
        whys = {
            name: self._effective[name].aside.get(layer.id) if name in self._effective else GONE
            for name in layer.values
        }
        return "; ".join(f"{name}: {why}" for name, why in whys.items() if why)

    def judged(self, book: TuningBook, layer: Tuning, policies: Iterable[str]) -> dict[str, Effective]:
        """The policies under this book; raises UnfitError when the new layer does not go with the rest."""
        found = {name: effective(self._filed[name], book.layers) for name in policies}
        for name, one in found.items():
            if layer.id in one.aside:
                raise UnfitError(f"{name}: {one.aside[layer.id]}")
        return found

    def _apply(self, policy: str, *, kept_state: bool = False) -> None:
        new = effective(self._filed[policy], self.book.layers)
        self._effective[policy] = new
        loop = self._loops[self.area_of(policy) or ""]
        before = loop.policies[policy]
        if new.policy == before:
            return
        if not kept_state:
            loop.memory.states[policy] = carried(before, new.policy, loop.memory.states[policy])
        loop.policies[policy] = new.policy
        loop.wake()
