"""Commands for whoever runs the machine: serve, backup, restore, upgrade, keys, doctor."""
