"""A carrier made of a bare socket that can break in any way."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from nexnum_console.core.egress import EgressPolicy

Answer = Callable[[socket.socket, "Wire"], None]


class Wire:
    """A server that counts requests at the socket. ``answer`` runs once for each of them."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def policy(self) -> EgressPolicy:
        return EgressPolicy(allowed_private=frozenset({("127.0.0.1", self.port)}))

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            buffer = b""
            try:
                while chunk := connection.recv(65536):
                    buffer += chunk
                    while b"\r\n\r\n" in buffer:
                        request, _, buffer = buffer.partition(b"\r\n\r\n")
                        self.requests.append(request)
                        self.answer(connection, self)
            except OSError:
                return

    def close(self) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):  # wakes the thread that waits in accept
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


def http(
    body: bytes | str, status: int = 200, headers: dict[str, str] | None = None, length: int = -1
) -> bytes:
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {length if length >= 0 else len(raw)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def says(body: bytes | str, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return lambda connection, _: connection.sendall(http(body, status, headers))
