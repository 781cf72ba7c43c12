"""What became of a letter after it left: events, what they change, and the report."""
