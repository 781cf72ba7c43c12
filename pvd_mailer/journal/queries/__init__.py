"""Questions to the journal: totals of a dispatch, delivery status, engagement, recipients by state.

Each function reads in the transaction that it is given and changes nothing.
"""
