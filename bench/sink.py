"""A server that reads a call and says 202, and nothing else.

`python bench/sink.py [SECONDS]` prints its port, then when its first call came (`time.monotonic`). Each answer takes
SECONDS, as a provider far away would.
"""

import asyncio
import re
import sys
import time

ANSWER = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: sink\r\nContent-Length: 0\r\n\r\n"
LENGTH = re.compile(rb"(?i)content-length: *(\d+)")


LATENCY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0


class Sink(asyncio.BufferedProtocol):
    """Counts bytes; what they say is not looked at."""

    first = True

    def __init__(self) -> None:
        self.buffer = bytearray(1 << 18)
        self.head = b""
        self.left = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        self.transport = transport

    def get_buffer(self, _sizehint: int) -> bytearray:
        """Where to read to."""
        return self.buffer

    def buffer_updated(self, count: int) -> None:
        """Count, and answer at the end of a body."""
        if self.left >= 0:
            self.left -= count
        else:
            self.head += self.buffer[:count]
            end = self.head.find(b"\r\n\r\n")
            found = LENGTH.search(self.head)
            if end < 0 or found is None:
                return
            if Sink.first:
                Sink.first = False
                print(time.monotonic(), flush=True)
            self.left = int(found[1]) - (len(self.head) - end - 4)
            self.head = b""
        if self.left == 0:
            self.left = -1
            asyncio.get_running_loop().call_later(LATENCY, self._answer)

    def _answer(self) -> None:
        self.transport.write(ANSWER)  # type: ignore[attr-defined] # a stream's transport


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
