"""A list of people in a file -> a plan, row by row, of what an import would do; then doing it.

Hands on `plan`: the decision on each row, with its reason. What a list says against writing to somebody is never
overlooked: what is not understood is asked. It must never know which program's button was pressed, nor send anything.
"""
