"""What rules look through in links: their words and places, what in an address tracks, and what the network answered.

It hands on links and the URLs that are worth asking for. It must never ask anybody itself: what was
answered comes with the context.
"""
