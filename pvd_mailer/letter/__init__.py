"""The letter: what an issue renders to, once for all readers, and the message that carries it to one of them.

It hands on a `Letter` with placeholders for what differs from reader to reader, its bytes under digests (`bundle`),
and the message as it goes on the wire (`mime`). It must never know how a letter is made, nor by which channel it
leaves.
"""

from pvd_mailer.letter.letter import Attachment, Calendar, Letter, Placeholders

__all__ = ["Attachment", "Calendar", "Letter", "Placeholders"]
