"""How results read on a terminal, and as JSON. Nothing here decides, reads a file or opens a database."""
