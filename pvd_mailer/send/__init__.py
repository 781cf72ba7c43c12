"""Sending: a letter to its recipients, through a channel."""

from pvd_mailer.send.dispatch import Account, dispatch

__all__ = ["Account", "dispatch"]
