"""What whoever runs the machine does: back up, restore, upgrade, look after signing keys, see what stands in the way.

It knows the database as a whole, its backups and the key file; it never knows a letter's content.
"""
