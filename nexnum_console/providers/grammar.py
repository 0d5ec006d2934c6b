"""What a provider config may say. Keys are camelCase; snake_case is read too.

One model is the contract: validation, ``provider_configs/schema.json`` and the reference page
come from it. Nothing here does I/O, and no secret is ever part of a config.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Discriminator, Field, JsonValue, Tag

from nexnum_console.providers.parts import (
    ErrorCode,
    Follow,
    Param,
    Part,
    Scalar,
    Sign,
    StatusFrom,
    Steps,
    Webhook,
)
from nexnum_console.providers.vocabulary import Effect


class Auth(Part):
    """How the key travels. ``name`` is the header or parameter that carries it.

    ``uses`` token: what the operation ``login`` answered, kept until it expires; the other ways
    are then for the login call alone, unless ``sent`` says otherwise. ``part``: the key is a JSON
    object, and this member of it is meant. ``rotate``: the key is several, one a line, all of one
    account; they are used in turn, and one that is refused rests.
    """

    type: Literal["bearer", "header", "query_param", "form_param", "basic", "none"] = "none"
    name: str | None = None
    prefix: str = ""
    username: str | None = Field(default=None, description="For basic: the key is the password")
    uses: Literal["key", "token"] = "key"
    part: str | None = None
    sent: Literal["login", "calls", "always"] | None = None
    rotate: bool = False


class Lifetimes(Part):
    """Seconds the provider declares for one activation."""

    activation_seconds: int = Field(default=1200, gt=0)
    cancel_lock_seconds: int = Field(default=0, ge=0)
    settle_seconds: int = Field(default=150, gt=0)
    poll_seconds: float = Field(default=5, gt=0)


class Deadlines(Part):
    """Total seconds for one call, from the first lookup to the last byte."""

    read_seconds: float = Field(default=15, gt=0, le=120)
    spend_seconds: float = Field(default=20, gt=0, le=120)
    release_seconds: float = Field(default=15, gt=0, le=120)


class RateLimit(Part):
    """At most ``requests`` in ``per_seconds``; at most ``concurrency`` at once."""

    requests: int = Field(default=10, gt=0)
    per_seconds: float = Field(default=1, gt=0)
    concurrency: int = Field(default=8, gt=0)


BodyFields = Annotated[
    Annotated[dict[str, JsonValue], Tag("object")] | Annotated[list[JsonValue], Tag("list")],
    Discriminator(lambda value: "list" if isinstance(value, list) else "object"),
]


class Body(Part):
    """Request body; values are templates as in ``queryParams``, in JSON also nested ones.

    JSON that begins with a list is a list here too. ``{"$literal": …}`` is sent as it is, braces
    and dollar signs included. ``raw`` sends ``text``, a template, as ``contentType``.
    """

    type: Literal["form", "json", "multipart", "raw"] = "form"
    fields: BodyFields = Field(default_factory=dict)
    text: str | None = None
    content_type: str | None = None


class Pagination(Part):
    """A list that comes in pages. ``total`` is a path to the count of all rows.

    ``cursor`` and ``link``: ``next`` is where the answer tells ``$cursor`` of the next page, or
    its address (a path into the answer, or ``$header.link``); the last page tells none.
    ``horizon_seconds``: the list is asked newest first, and rows older than this end it.
    """

    type: Literal["offset", "page", "cursor", "link"] = "offset"
    size: int = Field(default=100, gt=0, le=10_000)
    first: int = Field(default=1, ge=0, le=1, description="the number of the first page")
    total: str | None = None
    next: str | None = None
    more: str | None = Field(
        default=None, description="a path: null, false, 0 or nothing there means the last page"
    )
    max_pages: int = Field(default=50, gt=0, le=1000)
    horizon_seconds: int | None = Field(default=None, gt=0)


class Route(Part):
    """One request. Chosen when every variable in ``requires`` is given, none in ``unless``, and
    every one in ``when`` has one of the values listed.

    ``after``: only sent when the request before it was refused with one of these errors; not for
    a ``spend``, which is sent once. ``rateLimit`` holds beside the provider's own.
    """

    name: str | None = Field(default=None, description="what replies see as the variable route")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str = ""
    link: str | None = Field(
        default=None,
        description="instead of path: an address on the same host that an answer told, as $id",
    )
    query_params: dict[str, str | int | bool | Param] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: Body | None = None
    authenticated: bool = True
    requires: list[str] = Field(default_factory=list)
    unless: list[str] = Field(default_factory=list)
    when: dict[str, list[str]] = Field(default_factory=dict)
    after: list[ErrorCode] = Field(default_factory=list)
    rate_limit: RateLimit | None = None
    effect: Effect | None = None
    deadline_seconds: float | None = Field(default=None, gt=0, le=120)
    max_bytes: int | None = Field(default=None, gt=0, le=64 * 1024 * 1024)
    pagination: Pagination | None = None
    batch_size: int | None = Field(
        default=None, gt=0, le=10_000, description="most ids that one call of statuses takes"
    )


class Routes(Part):
    """Several requests for one operation; the first whose conditions hold is sent."""

    routes: list[Route] = Field(min_length=1)


class Source(Part):
    """Where a value comes from: a path, an accessor, ``$variable`` or ``=literal``; ``|`` falls
    back. ``as`` names a transform, ``map`` translates the value found."""

    source: str = Field(alias="from")
    as_: Steps | None = Field(default=None, alias="as")
    map: dict[str, str] | None = None
    default: str | None = None


class Messages(Part):
    """The list of SMS inside a status reply; its members are read by these paths."""

    path: str
    code: str | None = None
    text: str | None = None
    sender: str | None = None


def _form(value: Any) -> str:
    return "object" if isinstance(value, dict | Source) else "text"


FieldSource = Annotated[
    Annotated[str, Tag("text")] | Annotated[Source, Tag("object")], Discriminator(_form)
]


class ErrorRule(Part):
    """If everything said here holds, the answer means ``code``.

    A ``regex`` may capture ``min_price`` and ``retry_after``; ``min_price`` and ``retry_after``
    may also be paths into a JSON answer, with transforms where they are objects. A rule by
    ``status`` alone is tried after the replies. A ``path`` may be ``$header.name``. ``unsure``:
    the order may have been taken all the same, so that after a ``buy`` the outcome is unknown,
    whatever ``code`` says.
    """

    code: ErrorCode
    status: list[int | str] | int | str | None = None
    text: str | None = Field(default=None, description="the whole answer, case ignored")
    contains: str | None = None
    regex: str | None = None
    path: str | None = Field(default=None, description="the JSON value to test, not the whole")
    equals: list[Scalar] | Scalar = None
    empty: bool | None = None
    min_price: FieldSource | None = None
    retry_after: FieldSource | None = None
    unsure: bool = False


class Errors(Part):
    """How refusals look. ``words``: the whole answer, or the value at one of ``paths``, is the
    word; ``patterns``: text or /regex/ found anywhere in an answer no reply could read."""

    words: dict[str, ErrorCode] = Field(default_factory=dict)
    paths: list[str] = Field(default_factory=list)
    rules: list[ErrorRule] = Field(default_factory=list)
    patterns: dict[str, str | list[str]] = Field(default_factory=dict)


ReplyType = Literal[
    "json_object",
    "json_array",
    "json_dictionary",
    "json_value",
    "json_keyed_value",
    "json_array_positional",
    "json_nested_array",
    "text_regex",
    "text_lines",
    "text_words",
    "empty",
    "fixed",
]


class Reply(Part):
    """One shape an answer may have. It is taken when its conditions hold, its structure is there
    and every required output is found; else the next reply is tried.

    ``fixed`` is no answer but a list that the provider only prints: its ``rows`` are outputs by
    name, and it has no endpoint. A list in a row stands for one row each. A price without country
    or service is that of every one; of several that fit the first holds."""

    type: ReplyType
    requires: list[str] = Field(default_factory=list)
    unless: list[str] = Field(default_factory=list)
    when: dict[str, list[str]] = Field(default_factory=dict)
    http_status: list[int | str] | int | str = "2xx"
    root_path: str | None = None
    match: dict[str, list[Scalar] | Scalar] = Field(default_factory=dict)
    fields: dict[str, FieldSource] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    transform: dict[str, Steps] = Field(default_factory=dict)
    status_mapping: dict[str, str] = Field(default_factory=dict)
    levels: list[str] = Field(
        default_factory=list,
        description="outputs that the keys of each depth give; - gives none, .name steps inside",
    )
    row_needs: list[str] = Field(
        default_factory=list, description="paths; a node without a value there is no row"
    )
    every_row: bool = Field(
        default=False, description="one unreadable row means that this is not the shape"
    )
    where: dict[str, str | int | bool | Param] = Field(
        default_factory=dict,
        description="of a list, only the members whose value at this path ($key: their own key) "
        "is this; $id is ours",
    )
    absent: str | None = Field(
        default=None, description="a state or an error, when no member of the list is meant"
    )
    messages: Messages | None = None
    regex: str | None = None
    separator: str = ":"
    words: dict[str, dict[str, str]] = Field(default_factory=dict)
    word_paths: list[str] = Field(default_factory=list)
    value_field: str | None = None
    key_field: str = "id"
    position_fields: dict[str, str] = Field(default_factory=dict)
    header_row: bool = False
    rows: list[dict[str, str | int | list[str | int]]] = Field(default_factory=list)
    errors: Errors | None = None


class Replies(Part):
    """Several shapes of one operation's answer, tried in order."""

    replies: list[Reply] = Field(min_length=1)
    errors: Errors = Field(default_factory=Errors)
    follow: Follow | None = None


def _route_form(value: Any) -> str:
    return "routes" if isinstance(value, Routes) or _has(value, "routes") else "route"


def _reply_form(value: Any) -> str:
    return "replies" if isinstance(value, Replies) or _has(value, "replies") else "reply"


def _has(value: Any, key: str) -> bool:
    return isinstance(value, dict) and key in value


Endpoint = Annotated[
    Annotated[Route, Tag("route")] | Annotated[Routes, Tag("routes")],
    Discriminator(_route_form),
]
Mapping = Annotated[
    Annotated[Reply, Tag("reply")] | Annotated[Replies, Tag("replies")],
    Discriminator(_reply_form),
]
AuthForm = Annotated[
    Annotated[Auth, Tag("one")] | Annotated[list[Auth], Tag("several")],
    Discriminator(lambda value: "several" if isinstance(value, list) else "one"),
]


SignForm = Annotated[
    Annotated[Sign, Tag("one")] | Annotated[list[Sign], Tag("several")],
    Discriminator(lambda value: "several" if isinstance(value, list) else "one"),
]


class ProviderConfig(Part):
    """A provider, as data."""

    schema_: str | None = Field(default=None, alias="$schema")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    display_name: str | None = None
    description: str | None = None
    website_url: str | None = None
    docs_url: str | None = None
    base_url: str = Field(
        default="",
        validation_alias=AliasChoices("baseUrl", "apiBaseUrl", "base_url"),
        description="needed as soon as something is sent",
    )
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    timezone: str = Field(
        default="+00:00", description="of times without one: +03:00, Z or a name as Europe/Moscow"
    )
    auth: AuthForm | None = None
    auth_type: Literal["bearer", "header", "query_param", "none"] | None = None
    auth_header: str | None = None
    auth_query_param: str | None = None
    sign: SignForm | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    lifetimes: Lifetimes = Field(default_factory=Lifetimes)
    deadlines: Deadlines = Field(default_factory=Deadlines)
    rate_limit: RateLimit = Field(default_factory=RateLimit)
    value_maps: dict[str, dict[str, str]] = Field(default_factory=dict)
    statuses: dict[str, str] = Field(default_factory=dict)
    errors: Errors = Field(default_factory=Errors)
    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    mappings: dict[str, Mapping]
    status_from: StatusFrom | None = None
    webhooks: dict[str, Webhook] = Field(
        default_factory=dict, description="by the last segment of the address; * is any other"
    )

    def auths(self) -> tuple[Auth, ...]:
        """Every way the key travels, from ``auth`` or from the flat ``auth…`` keys."""
        if isinstance(self.auth, Auth):
            return (self.auth,)
        if self.auth is not None:
            return tuple(self.auth)
        name = self.auth_header if self.auth_type == "header" else self.auth_query_param
        return (Auth(type=self.auth_type or "none", name=name),)

    def signatures(self) -> tuple[Sign, ...]:
        """Every signature of a request, in the order in which they are made."""
        if self.sign is None:
            return ()
        return (self.sign,) if isinstance(self.sign, Sign) else tuple(self.sign)
