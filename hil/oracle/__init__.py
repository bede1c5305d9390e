"""Upper bounds of what control can save: optima on the true models, free of everything that only costs.

Nothing here is ever seen by a policy. A policy that draws less than its bound at the same service is an error in one of both.
What a bound holds and what it leaves out: docs/oracle.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hil.compare.trace import Trace
    from hil.ready_site.ready_site import ReadySite


def oracle_of(ready: ReadySite, traces: Mapping[str, Sequence[Trace]]) -> dict[str, Any] | None:
    """The figures of an arm that nobody can beat at the service of the traces; None for a site that is not known."""
    from hil.oracle.plant_oracle import oracle_of as of_plant

    return of_plant(ready, traces)
