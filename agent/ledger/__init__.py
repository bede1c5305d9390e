"""What was used, what was saved and whether that was proved. Pure figures from samples that others bring; no store, no clock."""
