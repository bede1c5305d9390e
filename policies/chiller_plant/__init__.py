"""The chiller plant: which machines run, and what goes with them."""
