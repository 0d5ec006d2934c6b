"""Webhooks of providers: whose they are, whether to believe them, and what becomes of them."""

from __future__ import annotations

import hmac
import json
import logging
from dataclasses import dataclass
from typing import Final

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.inbound import Push, take_push
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.errors import BusinessError, NotFound
from nexnum_console.providers import registry
from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.inbound import (
    Event,
    Inbound,
    WebhookRefused,
    accept,
    digest,
    webhook_of,
)
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.parts import WebhookAnswer
from nexnum_console.providers.redaction import redact
from nexnum_console.providers.registry import ProviderAccountView

ROOT: Final = "/api/webhooks"

_log = logging.getLogger(__name__)


class WebhookForged(BusinessError):
    """A webhook without the proof that its provider gives."""

    code = "webhook_refused"
    status = 403


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to a webhook address. ``token`` is the secret part of the address."""

    provider: str
    token: str
    sender: str
    inbound: Inbound


def webhook_path(box: SecretBox, account: ProviderAccountView) -> str:
    """The address to give to the provider, from the root of the site. It is a secret."""
    return f"{ROOT}/{account.provider}/{_token(box, account.account_id)}"


def receive(desk: Desk, box: SecretBox, delivery: Delivery) -> WebhookAnswer:
    """Take a webhook in, and say what the provider wants to hear.

    What matches no order, and what cannot be read, is answered like any other: after some
    refusals most providers stop sending. Each is kept for staff to see, once however often it
    comes. Raises NotFound (no such address) and WebhookForged.
    """
    account, secret = _account(desk, box, delivery)
    compiled = _compiled(account)
    section = webhook_of(compiled.config, delivery.sender)
    answer = section.answer if section else WebhookAnswer()
    # Any last segment reads as the section for any sender; it must not make one event two.
    sender = delivery.sender if delivery.sender in compiled.config.webhooks else ""
    try:
        event = accept(compiled, delivery.inbound, secret, desk.clock(), sender)
    except WebhookRefused as refused:
        take_push(desk, _refused(account, delivery, sender, secret, refused.reason))
        _log.warning("a webhook for %s was refused: %s", account.provider, refused.reason)
        raise WebhookForged("The webhook does not carry the proof of its provider.") from refused
    except ProviderError as error:
        why = f"not understood: {redact(error.message, secret)}"
        take_push(desk, _refused(account, delivery, sender, secret, why))
        _log.warning("a webhook of %s was not understood: %s", account.provider, error.code)
        return answer
    outcome = take_push(desk, _push(account, delivery, sender, secret, event))
    _log.info("a webhook of %s: %s", account.provider, outcome)
    return answer


def _push(
    account: ProviderAccountView, delivery: Delivery, sender: str, secret: str, event: Event
) -> Push:
    body = _readable(delivery.inbound.body, secret)
    return Push(account.account_id, sender, event.key, event.proof, event.result, body)


def _refused(
    account: ProviderAccountView, delivery: Delivery, sender: str, secret: str, why: str
) -> Push:
    """Under a key of its own: who forges an event must not make the true one a repetition."""
    key = f"refused:{digest(delivery.inbound)}"
    body = _readable(delivery.inbound.body, secret)
    return Push(account.account_id, sender, key, "", None, body, why)


def _readable(body: bytes, secret: str) -> str:
    return redact(body.decode("utf-8", "replace"), secret)


def _account(desk: Desk, box: SecretBox, delivery: Delivery) -> tuple[ProviderAccountView, str]:
    with desk.database.transaction() as unit:
        for account in registry.accounts(unit):
            if account.provider != delivery.provider:
                continue
            wanted = _token(box, account.account_id).encode()
            if hmac.compare_digest(wanted, delivery.token.encode()):
                return account, registry.open_secret(unit, box, account.account_id)
    raise NotFound("There is no webhook at this address.")


def _compiled(account: ProviderAccountView) -> CompiledProvider:
    return compile_config(load_config(json.dumps(account.config), account.provider))


def _token(box: SecretBox, account_id: int) -> str:
    return box.token(f"webhook:{account_id}")
