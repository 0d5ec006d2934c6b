"""Secrets at rest: AES-256-GCM bound to the place the value is stored in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value does not open here: another key, another row, or changed bytes."""


class SecretBox:
    """Seals short secrets with a key derived from the installation's ``NEXNUM_SECRET_KEY``."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"nexnum/at-rest/1:" + secret_key.encode()).digest())
        self._tokens = hashlib.sha256(b"nexnum/tokens/1:" + secret_key.encode()).digest()

    def seal(self, plain: str, place: str) -> bytes:
        """Encrypt ``plain`` so that it opens only for the same ``place`` (table:row:column)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Decrypt what ``seal`` made for ``place``; raises SealBroken."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, body, place.encode()).decode()
        except InvalidTag as error:
            raise SealBroken(f"the secret at {place} does not open with this key") from error

    def token(self, purpose: str) -> str:
        """The installation's own secret word for ``purpose``: always the same, 192 bits."""
        made = hmac.new(self._tokens, purpose.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made[:24]).decode()


def new_secret_key() -> str:
    """A fresh installation key: 256 random bits as text."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
