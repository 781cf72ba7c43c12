"""Live preview on this machine: a thin ASGI application over the workflow."""

from pvd_mailer.preview.server import serve_preview

__all__ = ["serve_preview"]
