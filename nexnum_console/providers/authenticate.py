"""How the key, or the token that a login gave, travels with a request."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from nexnum_console.providers import grammar
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.keys import key_part, key_parts
from nexnum_console.providers.parts import Sign

Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Credentials:
    """One key of the account and, after a login, its token. Never log one."""

    key: str = field(repr=False)
    token: str = field(default="", repr=False)

    @property
    def secret(self) -> str:
        """All of it, for redaction: one a line."""
        return f"{self.key}\n{self.token}" if self.token and self.key else self.key or self.token


def logs_in(config: grammar.ProviderConfig) -> bool:
    """Whether calls carry a token that a login gives."""
    return any(auth.uses == "token" for auth in config.auths())


def rotates(config: grammar.ProviderConfig) -> bool:
    """Whether the account's secret is several keys, used in turn."""
    return any(auth.rotate for auth in config.auths())


def sent_with(config: grammar.ProviderConfig, auth: grammar.Auth, operation: str) -> bool:
    """Whether this way to carry the key belongs to the operation's request."""
    login = operation == "login"
    if auth.uses == "token":
        return not login
    sent = auth.sent or ("login" if logs_in(config) else "always")
    return sent == "always" or (sent == "login") is login


def signed_with(sign: Sign, operation: str) -> bool:
    """Whether this signature belongs to the operation's request."""
    return sign.sent == "always" or (sign.sent == "login") is (operation == "login")


def authenticate(
    provider: str,
    auth: grammar.Auth,
    access: Credentials,
    params: Pairs,
    headers: dict[str, str],
    form: Pairs,
) -> None:
    """Put the key where ``auth`` says; raises ProviderError when the key has no such part."""
    secret = _carried(auth, access) if auth.part or auth.uses == "token" else access.key
    if secret is None:
        reason = f"the account's key must be a JSON object with “{auth.part}”"
        raise ProviderError("bad_key", f"{provider}: {reason}", sent=False)
    carried = auth.prefix + secret
    if auth.type == "bearer":
        headers[auth.name or "Authorization"] = f"Bearer {secret}"
    elif auth.type == "header":
        headers[auth.name or "Authorization"] = carried
    elif auth.type == "query_param":
        params.insert(0, (auth.name or "api_key", carried))
    elif auth.type == "form_param":
        form.insert(0, (auth.name or "key", carried))
    elif auth.type == "basic":
        pair = _basic(auth, access, secret).encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"


def _carried(auth: grammar.Auth, access: Credentials) -> str | None:
    return access.token if auth.uses == "token" else key_part(access.key, auth.part)


def _basic(auth: grammar.Auth, access: Credentials, secret: str) -> str:
    """``username:password``: from the config, from the key's parts, or the key as it is."""
    parts = key_parts(access.key)
    if auth.username is None and auth.part is None and {"username", "password"} <= set(parts):
        return f"{parts['username']}:{parts['password']}"
    if auth.username is None and ":" in secret:
        return secret
    return f"{auth.username or ''}:{secret}"
