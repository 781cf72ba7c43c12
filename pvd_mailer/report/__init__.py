"""The report of an issue: figures from the journal -> a page, a table, a drawing, lines on a terminal.

Hands on `model.IssueReport` and its forms. It reads aggregates alone and never an address.
"""
