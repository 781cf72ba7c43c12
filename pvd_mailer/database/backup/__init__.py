"""Backup and restore: one encrypted file of all that a database holds, and what must be true once it is read back.

Hands on `create` and `restore`; after a restore, whoever may have been written to since is unknown, and nothing leaves
by itself. It must never know the letters, channels or pages above it.
"""
