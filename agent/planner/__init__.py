"""The planner: a process of its own for one learning job, with its own memory budget. Never in the loop.

It is started by agent.control.planning when a policy is due to learn, and ends with the job: its memory comes back, and a
crash costs nothing.
"""
