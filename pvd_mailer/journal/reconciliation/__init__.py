"""Settling what the journal does not know: recipients of unknown outcome, and dispatches that a restored database lost.

Events, the sent file or a person prove what happened; nothing here guesses, and nothing here sends.
"""
