"""How the last run of this site stands in the store: what the agent writes and the release program reads."""

from __future__ import annotations

RUN, STATE = "run", "state"  # kind and key of the document
RUNNING = "running"  # an agent has the site, or died with it
RELEASED = "released"  # it died, and the release program has given back what it had taken
ENDED = "ended"  # it ended by itself
