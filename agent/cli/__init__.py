"""The command line: one command per file, a thin client of the running agent over its UNIX socket.

Exit codes: 0 done · 1 refused or failed · 2 bad input (configuration, usage, unknown name) · 3 no agent answers ·
4 not everything could be released.
"""
