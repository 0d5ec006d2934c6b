"""Webhooks of providers: is it theirs, is it fresh, and what does it say? No I/O, no clock."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compare import instant
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.headers import answer_path
from nexnum_console.providers.keys import key_parts
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.parts import ReplayWindow, Signature, Webhook
from nexnum_console.providers.reply import read
from nexnum_console.providers.transforms import decimal, text

ANY_SENDER: Final = "*"
WEBHOOK_PART: Final = "webhook"
_MILLISECONDS: Final = 10**11
_DIGESTS: Final = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}


class WebhookRefused(Exception):
    """Not what a provider sends, or not now; ``reason`` holds no secret and fits a log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Inbound:
    """A request that came to us. ``url`` is the address the sender used, query included;
    header names are lower-case; ``body`` is what came, byte for byte."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""

    @cached_property
    def reply(self) -> Reply:
        """The body as the engine reads answers."""
        return Reply(200, self.headers, self.body)

    @cached_property
    def query(self) -> dict[str, str]:
        """Parameters of the address."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Event:
    """``key`` is the same for the same event, however often it is sent. ``proof``: what it was
    verified by, as ``hmac+ip``; ``address`` where only its address was secret."""

    key: str
    result: NormalForm
    proof: str = "address"


def accept(
    compiled: CompiledProvider, inbound: Inbound, secret: str, now: datetime, sender: str = ""
) -> Event:
    """What a webhook says, after its signature and its time were checked.

    ``secret``: the account's; a JSON object's ``webhook`` is for webhooks alone. Without a
    section in ``webhooks`` nothing is checked here: then the address must be secret. Raises
    WebhookRefused, or ProviderError where no reply of the config reads it.
    """
    section = webhook_of(compiled.config, sender)
    if section is not None:
        verify(section, inbound, webhook_secret(secret))
        check_time(section.replay, inbound, now)
    result = read(compiled, "webhook", inbound.reply, {})
    proofs = sorted({each.type for each in section.verify}) if section else []
    return Event(event_key(section, inbound), result, "+".join(proofs) or "address")


def webhook_of(config: grammar.ProviderConfig, sender: str) -> Webhook | None:
    """The section for a sender: its own, or the one for any."""
    return config.webhooks.get(sender) or config.webhooks.get(ANY_SENDER)


def webhook_secret(secret: str) -> str:
    """What webhooks are signed with: a part of the key, or the (first) key itself."""
    first = next((line.strip() for line in secret.splitlines() if line.strip()), "")
    return key_parts(secret).get(WEBHOOK_PART) or key_parts(first).get(WEBHOOK_PART) or first


def verify(webhook: Webhook, inbound: Inbound, secret: str) -> None:
    """Raise WebhookRefused unless every proof that the section asks for holds."""
    for signature in webhook.verify:
        if signature.type == "ip":
            _check_address(signature, inbound)
            continue
        if not secret:
            raise WebhookRefused("the account has no secret to check a signature with")
        if signature.type == "secret":
            _check_secret(signature, inbound, secret)
        else:
            _check_digest(signature, webhook, inbound, secret)


def check_time(window: ReplayWindow, inbound: Inbound, now: datetime) -> None:
    """Raise WebhookRefused when the event's time is missing, unreadable or too far away."""
    if window.timestamp is None:
        return
    told = text(answer_path(window.timestamp)(inbound.reply))
    moment = _moment(told) if told else None
    if moment is None:
        raise WebhookRefused("the time of the event is missing or cannot be read")
    if abs((now - moment).total_seconds()) > window.seconds:
        raise WebhookRefused(f"the event is more than {window.seconds} s away from now")


def event_key(webhook: Webhook | None, inbound: Inbound) -> str:
    """The sender's id of the event, or a digest of the body where it gives none."""
    if webhook is not None and webhook.replay.event_id is not None:
        told = text(answer_path(webhook.replay.event_id)(inbound.reply))
        if told:
            return f"id:{told[:200]}"
    return digest(inbound)


def digest(inbound: Inbound) -> str:
    """The body, told apart from any other."""
    return f"sha256:{hashlib.sha256(inbound.body).hexdigest()}"


def _check_address(signature: Signature, inbound: Inbound) -> None:
    try:
        address = ip_address(inbound.address)
    except ValueError:
        raise WebhookRefused("the sender's address is not known") from None
    mapped = getattr(address, "ipv4_mapped", None)
    allowed = [ip_network(each, strict=False) for each in signature.allow]
    if not any((mapped or address) in network for network in allowed):
        raise WebhookRefused(f"the address {address} is not one of the sender's")


def _check_secret(signature: Signature, inbound: Inbound, secret: str) -> None:
    if signature.header:
        told = inbound.headers.get(signature.header.lower())
    elif signature.query:
        told = inbound.query.get(signature.query)
    else:
        told = text(answer_path(signature.field or "")(inbound.reply))
    wanted = signature.prefix + secret
    if not hmac.compare_digest((told or "").encode(), wanted.encode()):
        raise WebhookRefused("the shared secret is missing or wrong")


def _check_digest(signature: Signature, webhook: Webhook, inbound: Inbound, secret: str) -> None:
    told = inbound.headers.get((signature.header or "").lower())
    if told is None:
        raise WebhookRefused(f"the header {signature.header} is missing")
    signed = (
        _form_text(inbound)
        if signature.type == "url_form"
        else _signed_text(signature, webhook, inbound)
    )
    made = hmac.new(secret.encode(), signed, _DIGESTS[signature.algorithm]).digest()
    # One header may carry several signatures, as while a secret is exchanged.
    given = [part.strip() for part in told.split(",")]
    if not any(hmac.compare_digest(_decoded(each, signature), made) for each in given):
        raise WebhookRefused("the signature does not fit the body")


def _decoded(written: str, signature: Signature) -> bytes:
    """The bytes of a signature; what cannot be read is no signature."""
    if signature.prefix and not written.startswith(signature.prefix):
        return b""
    bare = written.removeprefix(signature.prefix)
    try:
        if signature.encoding == "base64":
            return base64.b64decode(bare, validate=True)
        return bytes.fromhex(bare)
    except (binascii.Error, ValueError):
        return b""


def _signed_text(signature: Signature, webhook: Webhook, inbound: Inbound) -> bytes:
    """The bytes that were signed; the body goes in as it came."""
    stamp = ""
    if webhook.replay.timestamp:
        stamp = text(answer_path(webhook.replay.timestamp)(inbound.reply)) or ""
    before, _, after = signature.signed.partition("{body}")
    filled = [
        part.replace("{timestamp}", stamp).replace("{url}", inbound.url).encode()
        for part in (before, after)
    ]
    whole = "{body}" in signature.signed
    return filled[0] + (inbound.body if whole else b"") + filled[1]


def _form_text(inbound: Inbound) -> bytes:
    """The full address, then every field's name and value, sorted by name."""
    pairs = parse_qsl(inbound.body.decode("utf-8", "replace"), keep_blank_values=True)
    return (inbound.url + "".join(name + value for name, value in sorted(pairs))).encode()


def _moment(written: str) -> datetime | None:
    number = decimal(written)
    if number is None:
        return instant(written)
    seconds = Decimal(number)
    seconds = seconds / 1000 if seconds >= _MILLISECONDS else seconds
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, ValueError, OSError):
        return None
