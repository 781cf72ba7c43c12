"""What the running site reads again when it changes: publications, keys, the default publication."""
