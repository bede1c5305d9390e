"""The one door for people: web page, command line and cloud all come through here."""

from agent.console.views import (
    AlarmView,
    AreaView,
    ClaimView,
    Console,
    HealthView,
    LearnedView,
    PointView,
    WhyView,
)

__all__ = [
    "AlarmView",
    "AreaView",
    "ClaimView",
    "Console",
    "HealthView",
    "LearnedView",
    "PointView",
    "WhyView",
]
