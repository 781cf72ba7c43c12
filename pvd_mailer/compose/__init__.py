"""Composing: reads and validates an issue's file, and starts next month's."""

from pvd_mailer.compose.load import Composition, load, load_publication, reread
from pvd_mailer.compose.saving import save
from pvd_mailer.compose.wording import FAULTS

__all__ = ["FAULTS", "Composition", "load", "load_publication", "reread", "save"]
