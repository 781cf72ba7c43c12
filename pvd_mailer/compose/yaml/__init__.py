"""One YAML file as it was read: its tree, where every value stands, and what is wrong with it, all faults at once.

Hands on `parsed_file.ParsedFile`. It never knows what an issue is: the model comes above.
"""
