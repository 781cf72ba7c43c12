"""One pass a file, from draft to draft; `render.PASSES` is their order.

A pass reads what those before it filled in, and must never know the ones after it.
"""
