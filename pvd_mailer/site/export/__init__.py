"""The site as files: the archive written into a folder that any web server can serve.

`pages` makes the files out of the site's own views, `folder` writes them. It knows no request, and serves nothing.
"""
