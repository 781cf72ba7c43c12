"""Settling what the journal does not know: recipients of unknown outcome, and dispatches that a restored database lost.

Hands on how many were settled. Events, the sent file or a person prove what happened; it must never guess, and never
send.
"""
