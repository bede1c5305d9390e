"""What electricity costs hour by hour, as a plan and a rule need it: read as everywhere (see agent.calc.tariff_lines)."""

from __future__ import annotations

from agent.calc.tariff_lines import Prices, read_tariff

__all__ = ["Prices", "read_tariff"]
