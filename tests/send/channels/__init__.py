"""What every channel promises, and what each does in its own way."""
