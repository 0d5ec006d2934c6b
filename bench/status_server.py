"""A carrier that only tells the status of numbers, after a while; a process of its own.

Bare asyncio, so that it takes as little of the machine as it can from whoever asks. Speaks the
check of 5sim; ``/sms/<id>`` brings a number its code.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final, cast

CODE: Final = "481516"
_WAITING: Final = '{"id":%s,"phone":"+447700900000","status":"PENDING","sms":[]}'
_RECEIVED: Final = (
    '{"id":%s,"phone":"+447700900000","status":"RECEIVED","sms":[{"sender":"Bench",'
    '"text":"Your code is ' + CODE + '","code":"' + CODE + '"}]}'
)
_HEAD: Final = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class Carrier(asyncio.Protocol):
    """One connection; one question at a time, as clients without pipelining ask."""

    delay: float = 0.1
    spoken: Final = set[str]()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is here."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """A request line and headers, in one piece; no body."""
        path = data.split(b" ", 2)[1].decode()
        number = path.rpartition("/")[2]
        if path.startswith("/sms/"):
            self.spoken.add(number)
            self._answer("{}")
            return
        body = (_RECEIVED if number in self.spoken else _WAITING) % number
        asyncio.get_running_loop().call_later(self.delay, self._answer, body)

    def _answer(self, body: str) -> None:
        if not self._transport.is_closing():
            self._transport.write((_HEAD % len(body) + body).encode())


async def main(port: int, delay: float) -> None:
    """Serve until the process ends."""
    Carrier.delay = delay
    server = await asyncio.get_running_loop().create_server(Carrier, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
