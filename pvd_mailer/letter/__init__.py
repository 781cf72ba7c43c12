"""The letter: what an issue renders to, and the message that carries it."""

from pvd_mailer.letter.letter import Attachment, Calendar, Letter, Placeholders

__all__ = ["Attachment", "Calendar", "Letter", "Placeholders"]
