"""Before a letter leaves: it goes to a few people as a test, and somebody approves it and whom it is for.

Each function opens its own transactions. It knows the proof and the journal; nothing here sends a dispatch.
"""
