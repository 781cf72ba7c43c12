"""Files of rows -> cells as text: CSV in any encoding, .xlsx workbooks, and the exports of other programs.

Hands on `open_list_file`, which finds the header and what each column holds. Bounded in memory and in time whatever a
file holds. It must never know who is subscribed, nor write anything.
"""
