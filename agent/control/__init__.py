"""The control loop and its neighbours: point table, poller, writer, watchdog."""
