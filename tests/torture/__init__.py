"""Kills the sender at random moments, and holds what the far side has against what the journal says."""

from tests.torture.rounds import LINES, Mailing, Tally, torture

__all__ = ["LINES", "Mailing", "Tally", "torture"]
