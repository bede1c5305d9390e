"""Pure science that several rooms need: sun, calendar, timers."""
