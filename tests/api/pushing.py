"""A provider that pushes: its key, and the config by which its word is read."""

from __future__ import annotations

SECRET = "provider-key"
CONFIG = {
    "name": "alpha",
    "baseUrl": "https://alpha.example",
    "mappings": {
        "webhook": {
            "type": "json_object",
            "fields": {
                "event": {"from": "type", "map": {"new": "sms", "hello": "ping"}},
                "activation_id": "order",
                "phone": "to",
                "code": "code",
                "text": "text",
                "sender": "from",
            },
        }
    },
    "webhooks": {
        "*": {
            "verify": [{"type": "hmac", "header": "X-Sig"}],
            "answer": {"contentType": "application/json", "body": '{"got": true}'},
        },
        "open": {},
    },
}
