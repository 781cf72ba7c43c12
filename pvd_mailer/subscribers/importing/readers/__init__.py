"""Files of rows: CSV in any encoding, Excel workbooks -> cells as text.

Bounded in memory and time whatever the file holds. It knows nothing of subscribers.
"""
