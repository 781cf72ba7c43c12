"""Backup and restore: one encrypted file of all that a database holds, and what must be true once it is read back.

Hands on `create` and `restore`. It knows the schema and nothing of the letters, channels or pages above it.
"""
