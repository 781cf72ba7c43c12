"""What answers each URL: one module a page, each handler says its URL and who links there.

A route reads the request, calls a service and hands the result to a view.
"""
