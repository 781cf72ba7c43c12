"""A list of people in a file -> a plan, row by row, of what an import would do; then doing it.

Hands on `plan`. It knows files and subscribers; it sends nothing.
"""
