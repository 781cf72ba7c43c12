"""Composing: reads and validates an issue's file, and starts next month's."""

from pvd_mailer.compose.load import Composition, load, load_publication

__all__ = ["Composition", "load", "load_publication"]
