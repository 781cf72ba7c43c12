"""Commands on an issue: test, approve, publish."""
