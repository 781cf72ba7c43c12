"""A mail server that takes every message at once, and keeps none.

`python bench/smtp_sink.py` prints its port, then how many messages it has each time that a line comes in on standard
input.
"""

import asyncio
import sys
import threading

GREETING = b"220 sink.test ESMTP\r\n"
EXTENSIONS = b"250-sink.test\r\n250-SIZE 30000000\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
REPLIES = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n", b"EHLO": EXTENSIONS, b"HELO": b"250 sink.test\r\n"}
END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One connection; a message is looked at for its end alone."""

    taken = 0

    def __init__(self) -> None:
        self.waiting = b""
        self.in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport = transport
        self._say(GREETING)

    def data_received(self, data: bytes) -> None:
        """Answer each command, and the end of each message."""
        self.waiting += data
        while True:
            if self.in_message:
                if not self.waiting.endswith(END):
                    self.waiting = self.waiting[-len(END) :]
                    return
                self.waiting, self.in_message = b"", False
                Sink.taken += 1
                self._say(b"250 taken\r\n")
            line, end, rest = self.waiting.partition(b"\r\n")
            if not end:
                return
            self.waiting = rest
            verb = line[:4].upper()
            self.in_message = verb == b"DATA"
            self._say(REPLIES.get(verb, b"250 ok\r\n"))

    def _say(self, reply: bytes) -> None:
        self.transport.write(reply)  # type: ignore[attr-defined] # a stream's transport


def tell() -> None:
    """Print the count whenever it is asked for."""
    for _line in sys.stdin:
        print(Sink.taken, flush=True)


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=tell, daemon=True).start()
    await server.serve_forever()


asyncio.run(main())
