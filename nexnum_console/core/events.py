"""Wake-ups over Redis pub/sub. The row is the truth; an event only says which to read again."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, NamedTuple

import redis
import redis.asyncio

from nexnum_console.core.redis_line import Line

log = logging.getLogger(__name__)

ADMIN_CHANNEL = "events:admin"
# Each look at open questions; only the page that shows them listens.
QUESTIONS_CHANNEL = "events:questions"
EVERY_CHANNEL: Final = "events:*"
RECONNECT_SECONDS: Final = 1.0


# Of all that changes for a buyer, an order does: a code may have come.
ORDER_TOPIC: Final = "activation"
# A login of the user has ended: who a cookie belongs to is asked anew.
LOGIN_TOPIC: Final = "login"
_USER_CHANNEL: Final = "events:user:"
_ALSO: Final = "also"


class Heard(NamedTuple):
    """A channel that spoke, and about what; both empty after every (re)connection."""

    channel: str = ""
    topic: str = ""


def user_channel(user_id: int) -> str:
    """The channel of one user's pages."""
    return f"{_USER_CHANNEL}{user_id}"


def user_of(channel: str) -> int | None:
    """Whose channel it is; None for one of staff."""
    number = channel.removeprefix(_USER_CHANNEL)
    return int(number) if number != channel and number.isdecimal() else None


class Events:
    """Publisher; a Redis outage costs freshness, never the work that was committed."""

    def __init__(self, client: redis.Redis) -> None:
        self._line = Line(client)

    def publish(self, channel: str | Sequence[str], topic: str, **ids: Any) -> None:
        """Send ``{"topic": …, **ids}``; failures are logged, pages fall back to re-reading.

        Several channels are one message: everybody listens to all, and it names the others.
        """
        first, *others = [channel] if isinstance(channel, str) else channel
        told = {"topic": topic, **ids, **({_ALSO: others} if others else {})}
        try:
            self._line.ask("PUBLISH", first, json.dumps(told))
        except redis.RedisError as error:
            log.warning("event not published on %s: %s", channel, error)


async def listen(redis_url: str) -> AsyncIterator[Heard]:
    """What is published, for ever; an empty ``Heard`` after every (re)connection.

    Whatever was published during an outage is lost, so the empty one means: read everything
    again.
    """
    while True:
        client = redis.asyncio.Redis.from_url(redis_url, health_check_interval=15)
        try:
            async with client.pubsub() as subscription:
                await subscription.psubscribe(EVERY_CHANNEL)
                yield Heard()
                async for message in subscription.listen():
                    if message["type"] == "pmessage":
                        for heard in _heard(message["channel"].decode(), message["data"]):
                            yield heard
        except (redis.RedisError, OSError) as error:
            log.warning("events are not heard, trying again: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)
        finally:
            await client.aclose()


def _heard(channel: str, data: bytes) -> list[Heard]:
    try:
        told = json.loads(data)
        return [Heard(each, str(told["topic"])) for each in (channel, *told.get(_ALSO, ()))]
    except (ValueError, KeyError, TypeError, AttributeError):
        log.warning("an event without a topic was heard")
        return [Heard(channel)]
