"""The last hand on every value: arbiter, limits, guards, interlocks, authority, release plan."""
