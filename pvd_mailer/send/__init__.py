"""Sending: batches of a dispatch, through a channel, with the journal in hand."""

from pvd_mailer.send.runner import SendRun, run_dispatch

__all__ = ["SendRun", "run_dispatch"]
