"""What the running site reads again when it changes: publications, keys, the default publication.

Each is asked for its value of now and costs next to nothing where nothing changed. It answers no URL.
"""
