"""People: measured in hundredths of a head's height, from the chin at (0, 0); the crown is at (0, -100)."""
