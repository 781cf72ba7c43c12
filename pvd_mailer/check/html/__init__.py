"""What rules look through in the letter's HTML: computed styles, accessible names, the features that it uses.

It hands on facts about elements, which block each was drawn for, and what mail programs lack. It must never know which
rule asks, nor change the tree.
"""
