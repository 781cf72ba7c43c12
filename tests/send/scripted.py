"""A channel that does what a test tells it to, a call at a time."""

import threading
from collections import deque
from contextlib import AbstractContextManager

from pvd_mailer.send.channels import DeliveryOutcome, DeliveryResult, FailureCause

ACCEPTED = DeliveryResult(DeliveryOutcome.ACCEPTED)
REFUSED = DeliveryResult(DeliveryOutcome.REFUSED, FailureCause.MESSAGE, "no such sender")
BUSY = DeliveryResult(DeliveryOutcome.REFUSED, FailureCause.BUSY, "the mailbox is full", retryable=True)
BAD_ADDRESS = DeliveryResult(DeliveryOutcome.REFUSED, FailureCause.ADDRESS, "user unknown")
UNKNOWN = DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.SERVER_FAULT, "internal error")
UNREACHABLE = DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, "connection refused")
LOGIN = DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.LOGIN, "authorization required", is_fatal=True)


def throttled(until=None):
    """The answer to a call that came too soon."""
    return DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED, "too many requests", retry_at=until)


def members(*results):
    """An answer of its own for each recipient, in their order."""
    return lambda request: [
        (recipient.ref, result) for recipient, result in zip(request.recipients, results, strict=True)
    ]


class Scripted(AbstractContextManager):
    """Answers its calls in the order of the script, and takes everything when that is at its end.

    Each line of the script is a Result for the whole call, an exception to raise, or a function of the request
    that gives what the session yields.
    """

    name = "scripted"
    is_live = True

    def __init__(self, *script, batch_size=2, concurrency=1, identity="scripted"):
        self.script = deque(script)
        self.batch_size = batch_size
        self.concurrency = concurrency
        self.identity = identity
        self.calls = []
        self.reached = []
        self._lock = threading.Lock()

    def session(self):
        return self

    def __exit__(self, *_error):
        return None

    def abort(self):
        """No call of it lasts."""

    def validate(self, letter, sender):
        """It carries everything."""

    def send(self, request):
        with self._lock:
            line = self.script.popleft() if self.script else ACCEPTED
            self.calls.append(request)
        if isinstance(line, BaseException):
            raise line
        told = [(None, line)] if isinstance(line, DeliveryResult) else line(request)
        waiting = {one.ref: one.address for one in request.recipients}
        for ref, result in told:
            those = list(waiting) if ref is None else [ref]
            for one in those:
                address = waiting.pop(one, None)
                if address and result.outcome is DeliveryOutcome.ACCEPTED:
                    self.reached.append(address)
            yield ref, result
