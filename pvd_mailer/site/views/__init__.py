"""Pages and mails of the site: what a route found -> HTML, in the reader's language and the publication's colours.

The templates and the style sheet are beside it. It answers no URL and changes nothing.
"""
