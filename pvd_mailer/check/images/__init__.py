"""What rules look through in pictures: where and how wide the letter shows them, what they would weigh and carry.

It hands on measures, in pixels and bytes. It must never write a picture, nor know which rule asks.
"""
