"""Live preview on this machine: a thin ASGI application over the workflow."""

from pvd_mailer.preview.server import serve

__all__ = ["serve"]
