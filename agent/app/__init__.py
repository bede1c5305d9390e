"""The composition root: configuration -> objects -> one TaskGroup. The only room that knows everyone."""

from agent.app.run import run_site, run_to_end
from agent.app.turns import run_agent

__all__ = ["run_agent", "run_site", "run_to_end"]
