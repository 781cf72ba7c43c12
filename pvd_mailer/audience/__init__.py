"""Who the letter goes to."""

from pvd_mailer.audience.csvlist import Recipient, read_list

__all__ = ["Recipient", "read_list"]
