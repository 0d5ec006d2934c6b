"""Single commands to Redis at a third of what a client costs: a connection a thread, no more.

redis-py borrows a connection for every command, looks whether it is alive, and counts and times it.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import redis


class Line:
    """Commands over connections such as ``client`` makes. Threads and forks have their own."""

    def __init__(self, client: redis.Redis) -> None:
        self._pool: Any = client.connection_pool
        self._mine = threading.local()

    def ask(self, *command: Any) -> Any:
        """The answer, in bytes; RedisError. A lost connection is made anew and asked once more, so
        that a command may be heard twice."""
        connection = getattr(self._mine, "connection", None)
        if connection is None or connection.pid != os.getpid():
            connection = self._mine.connection = self._pool.make_connection()
        try:
            return self._once(connection, command)
        except redis.ConnectionError:
            return self._once(connection, command)

    def _once(self, connection: Any, command: tuple[Any, ...]) -> Any:
        try:
            connection.send_command(*command)
            return connection.read_response()
        except redis.ResponseError:
            raise
        except BaseException:  # an answer that nobody read would be taken for the next one's
            connection.disconnect()
            raise
