"""What rules look through in an issue's texts: passages, and the language, dates, numbers and signs in them.

It hands on facts about a text and where they stand in it. It must never know the letter's HTML, nor which rule asks.
"""
