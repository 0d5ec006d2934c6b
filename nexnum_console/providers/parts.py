"""Parts that several sections of a config share, and what its ``webhooks`` section may say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic.alias_generators import to_camel

from nexnum_console.providers.errors import Code

Scalar = str | int | bool | None
Steps = Annotated[
    Annotated[str, Tag("one")] | Annotated[list[str], Tag("several")],
    Discriminator(lambda value: "several" if isinstance(value, list) else "one"),
]
ErrorCode = Annotated[Code, Field(strict=False)]


class Part(BaseModel):
    """Common to all parts: an unknown key is an error, and nothing changes after loading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        strict=True,
    )


class Param(Part):
    """A value to send that is more than a template: mapped, then transformed, with a default.

    In a JSON body ``as`` also gives the type: ``integer``, ``decimal`` and ``boolean`` are sent
    as numbers and as true or false. Without a value and without a default it is left out.
    """

    value: str | int | bool = Field(alias="$value", description="a template, as a plain value is")
    map: dict[str, str] | None = Field(default=None, description="our word to the provider's")
    as_: Steps | None = Field(
        default=None, alias="as", description="one transform, or several in turn"
    )
    default: str | None = None


Place = Literal["query", "body"]


class SignedParams(Part):
    """What ``{params}`` is: the parameters that are sent, one text.

    ``pair`` and ``join`` are how each is written and what stands between them. ``of`` names the
    places they are taken from; of a JSON body its members. ``empty``: also those without a value.
    """

    of: list[Place] = Field(default_factory=lambda: list[Place](("query", "body")))
    sort: bool = True
    pair: str = "{name}={value}"
    join: str = "&"
    encode: Literal["none", "percent"] = "none"
    empty: bool = False
    leave_out: list[str] = Field(default_factory=list)


class Sign(Part):
    """A signature that travels as ``name``, made anew for each request.

    ``text`` is what is digested. In it and in ``key`` (of the hmac algorithms) may stand
    ``{method}``, ``{host}``, ``{path}``, ``{query}``, ``{url}``, ``{body}`` as it is sent,
    ``{params}``, ``{secret}`` or a part of it as ``{secret.app}``, ``{token}``, ``{timestamp}``,
    ``{nonce}`` and every other variable; each may go through ``.md5``, ``.sha1``, ``.sha256``,
    ``.sha512``, ``.base64``, ``.percent``, ``.upper`` and ``.lower``, as ``{body.sha256}``.
    ``adds`` are sent in the same place and belong to what is signed. Neither the key nor the
    signature is ever shown.
    """

    name: str
    place: Literal["header", "query", "body"] = Field(default="query", alias="in")
    algorithm: Literal[
        "md5",
        "sha1",
        "sha256",
        "sha512",
        "hmac_md5",
        "hmac_sha1",
        "hmac_sha256",
        "hmac_sha512",
    ] = "hmac_sha256"
    text: str = "{params}"
    key: str = "{secret}"
    encoding: Literal["hex", "hex_upper", "base64", "base64url"] = "hex"
    prefix: str = ""
    adds: dict[str, str | int | bool | Param] = Field(default_factory=dict)
    params: SignedParams | None = None
    sent: Literal["login", "calls", "always"] = "always"


class Follow(Part):
    """What to ask next when an answer is not complete.

    After ``buy``: the operation that tells the number, asked every ``every_seconds`` until the
    purchase's deadline. After ``status``: asked once, when the state is one of ``states`` and
    the answer brought neither code nor text.
    """

    operation: Literal["status", "active", "messages"]
    states: list[str] = Field(default_factory=lambda: ["received"])
    every_seconds: float = Field(default=2, ge=0.2, le=30)


class StatusFrom(Part):
    """No call tells of one activation alone: its state is its row in a list, all pages read.

    ``absent``: a state or an error, when the list does not hold it.
    """

    operation: Literal["active", "statuses"] = "active"
    absent: str = "activation_not_found"


class Signature(Part):
    """``type`` hmac: over the raw body, or over ``signed`` with ``{body}``, ``{timestamp}`` and
    ``{url}`` filled in. ``url_form``: over the full address followed by the form's fields, sorted
    by name (Twilio's way). ``secret``: the secret itself, in a header, a query parameter or a
    field of the body. ``ip``: the sender's address. No secret is written here: it is the
    account's ``webhook_secret``, or its key where it has none."""

    type: Literal["hmac", "url_form", "secret", "ip"]
    header: str | None = None
    query: str | None = None
    field: str | None = Field(default=None, description="a path into the body")
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    signed: str = "{body}"
    allow: list[str] = Field(default_factory=list, description="addresses and networks")


class ReplayWindow(Part):
    """An event is taken once: by its id, and only while its time is near."""

    event_id: str | None = Field(default=None, description="a source in the body, or $header.name")
    timestamp: str | None = Field(default=None, description="a source; unix or ISO 8601")
    seconds: int = Field(default=300, gt=0, le=86_400)


class WebhookAnswer(Part):
    """What the sender wants to hear; anything else makes it send again."""

    status: int = Field(default=200, ge=200, le=299)
    content_type: str = "text/plain"
    body: str = ""


class Webhook(Part):
    """How one sender proves itself. With several ``verify``, all must hold."""

    verify: list[Signature] = Field(default_factory=list)
    replay: ReplayWindow = Field(default_factory=ReplayWindow)
    answer: WebhookAnswer = Field(default_factory=WebhookAnswer)
