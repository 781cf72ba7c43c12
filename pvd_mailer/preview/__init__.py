"""Live preview on this machine: a thin ASGI application that shows an issue anew each time one of its files is saved.

It hands on pages to a browser of this machine alone. Its routes show a state that one service makes
(`render_issue`); it must never write a file, open a database, ask another host, or show anything that the letter
would not.
"""

from pvd_mailer.preview.server import serve_preview

__all__ = ["serve_preview"]
