"""Sending: batches of a dispatch, through a channel, with the journal in hand."""

from pvd_mailer.send.engine import Run, run_dispatch

__all__ = ["Run", "run_dispatch"]
