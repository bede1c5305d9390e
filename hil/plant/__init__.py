"""Physics only: every model is `step(dt, inputs) -> outputs`. No I/O, no clock, nothing of the agent."""
