"""pvd_mailer composes, proofreads, previews, approves and sends the letter of a public editorial team."""

__version__ = "0.1.0"
