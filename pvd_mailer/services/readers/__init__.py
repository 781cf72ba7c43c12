"""What a reader does: subscribe, confirm, change preferences, unsubscribe, ask what is held on them.

Each function opens its own transactions. It knows no HTTP: the site turns its results into pages.
"""
