"""Questions to the journal: totals of a dispatch, delivery status, feedback, failures in a row, recipients by state.

Each reads in the transaction that it is given, and hands on counts; addresses only where a person asks by name.
It must never change a row.
"""
