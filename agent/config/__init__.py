"""What a person writes, checked whole and built into a Site."""
