"""Wake-ups over Redis pub/sub. The row is the truth; an event only says which to read again."""

from __future__ import annotations

import json
import logging
from typing import Any

import redis

log = logging.getLogger(__name__)

ADMIN_CHANNEL = "events:admin"


def user_channel(user_id: int) -> str:
    """The channel of one user's pages."""
    return f"events:user:{user_id}"


class Events:
    """Publisher; a Redis outage costs freshness, never the work that was committed."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def publish(self, channel: str, topic: str, **ids: Any) -> None:
        """Send ``{"topic": …, **ids}``; failures are logged, pages fall back to re-reading."""
        try:
            self._client.publish(channel, json.dumps({"topic": topic, **ids}))
        except redis.RedisError as error:
            log.warning("event not published on %s: %s", channel, error)
