"""The preview process: recorded days under other parameters, shadow beside what was, and the simulated twin. Never in the loop."""
