"""One pass a file; `render.PASSES` is their order."""
