"""The site as files: the archive written into a folder that any web server can serve."""
