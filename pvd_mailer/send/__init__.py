"""Sending: the batches of one dispatch through a channel, with the journal in hand.

Hands on `run_dispatch`, which sends until nobody is pending, somebody says stop, or going on makes no sense. The order
of its writes is the promise that nobody is written to twice (docs/architecture.md). It must never choose the audience,
render a letter, or be run without the sender lock.
"""
