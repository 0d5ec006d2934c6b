"""Names shared by configs and code: operations, their outputs, states, variables."""

from __future__ import annotations

from typing import Final, Literal

Effect = Literal["read", "spend", "release"]
State = Literal["waiting", "retry", "received", "finished", "cancelled", "expired"]

STATES: Final[tuple[State, ...]] = (
    "waiting",
    "retry",
    "received",
    "finished",
    "cancelled",
    "expired",
)

EFFECTS: Final[dict[str, Effect]] = {
    "balance": "read",
    "countries": "read",
    "services": "read",
    "operators": "read",
    "prices": "read",
    "search": "read",
    "buy": "spend",
    "reuse": "spend",
    "status": "read",
    "messages": "read",
    "active": "read",
    "statuses": "read",
    "login": "read",
    "cancel": "release",
    "finish": "release",
    "resend": "release",
    "ban": "release",
    "webhook": "read",
}

SALES: Final = frozenset({"buy", "reuse"})  # what gives a number for money

OPERATION_ALIASES: Final = {
    "getBalance": "balance",
    "getCountriesList": "countries",
    "getCountries": "countries",
    "getServicesList": "services",
    "getServices": "services",
    "getOperators": "operators",
    "getPrices": "prices",
    "searchNumbers": "search",
    "getNumber": "buy",
    "getExtraActivation": "reuse",
    "reactivate": "reuse",
    "reuseNumber": "reuse",
    "getStatus": "status",
    "getFullSms": "messages",
    "getFullSmsText": "messages",
    "getStatusBatch": "statuses",
    "getActivations": "active",
    "setCancel": "cancel",
    "cancelNumber": "cancel",
    "setComplete": "finish",
    "setResendCode": "resend",
    "nextSms": "resend",
    "setBan": "ban",
}


def written_as(operation: str) -> tuple[str, ...]:
    """Every name that a config may call an operation by."""
    return (operation, *(alias for alias, ours in OPERATION_ALIASES.items() if ours == operation))


LIST_KEYS: Final = {
    "countries": "countries",
    "services": "services",
    "prices": "offers",
    "search": "candidates",
    "active": "activations",
    "statuses": "activations",
    "operators": "operators",
}

_ORDER = ("state", "activation_id")
_SMS_REPORT = ("state", "code", "text", "sender", "activation_id", "phone", "dial_code")
_LISTED = (
    "activation_id",
    "phone",
    "dial_code",
    "state",
    "service",
    "country",
    "operator",
    "cost",
    "currency",
    "created_at",
    "expires_at",
    "code",
    "text",
)
_SOLD = (
    "activation_id",
    "phone",
    "dial_code",
    "cost",
    "currency",
    "operator",
    "country",
    "service",
    "expires_at",
    "expires_in",
    "created_at",
)
OUTPUTS: Final[dict[str, tuple[str, ...]]] = {
    "balance": ("balance", "currency"),
    "countries": ("id", "name", "iso", "dial_code"),
    "services": ("code", "name"),
    "operators": ("country", "operator"),
    "prices": ("country", "service", "operator", "price", "stock"),
    "search": ("offer", "phone", "dial_code", "price", "operator"),
    "buy": _SOLD,
    "reuse": _SOLD,
    "status": _SMS_REPORT,
    "messages": _SMS_REPORT,
    "active": _LISTED,
    "statuses": _LISTED,
    "login": ("token", "expires_at", "expires_in"),
    "cancel": _ORDER,
    "finish": _ORDER,
    "resend": _ORDER,
    "ban": _ORDER,
    "webhook": ("event", "activation_id", "phone", "code", "text", "sender"),
}

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "balance": ("balance",),
    "countries": ("id",),
    "services": ("code",),
    "operators": ("operator",),
    "prices": (),  # a price or a stock: rows.py
    "search": (),  # an offer or a phone: fields.py
    "buy": ("activation_id",),  # and a phone, now or by what follows: fields.py
    "reuse": ("activation_id",),
    "status": (),  # a state, a code or a text: normal.py
    "messages": (),
    "active": ("activation_id",),
    "statuses": ("activation_id",),
    "login": ("token",),
    "cancel": ("state",),
    "finish": ("state",),
    "resend": ("state",),
    "ban": ("state",),
    "webhook": (),
}

_SALE = {
    "price": "cost",
    "expiresAt": "expires_at",
    "expiresIn": "expires_in",
    "createdAt": "created_at",
}
_ID = {"activationId": "activation_id", "id": "activation_id", "orderId": "activation_id"}
_PHONE = {"phoneNumber": "phone", "number": "phone", "dialCode": "dial_code"}
_SMS = {"status": "state", "sms": "code", "message": "text", "fullText": "text"}
OUTPUT_ALIASES: Final[dict[str, dict[str, str]]] = {
    "balance": {"amount": "balance"},
    "countries": {"code": "id", "dialCode": "dial_code"},
    "services": {"id": "code"},
    "operators": {"name": "operator"},
    "prices": {"cost": "price", "count": "stock", "quantity": "stock"},
    "search": {"id": "offer", "cost": "price"} | _PHONE,
    "buy": _ID | _PHONE | _SALE,
    "reuse": _ID | _PHONE | _SALE,
    "status": _ID | _PHONE | _SMS,
    "messages": _ID | _PHONE | _SMS,
    "active": _ID | _PHONE | _SALE | _SMS,
    "statuses": _ID | _PHONE | _SALE | _SMS,
    "login": {"expiresAt": "expires_at", "expiresIn": "expires_in"},
    "cancel": _ID | {"status": "state"},
    "finish": _ID | {"status": "state"},
    "resend": _ID | {"status": "state"},
    "ban": _ID | {"status": "state"},
    "webhook": _ID | _PHONE | _SMS,
}

STATE_ALIASES: Final[dict[str, State]] = {
    "pending": "waiting",
    "completed": "finished",
    "canceled": "cancelled",
    "refunded": "cancelled",
    "banned": "cancelled",
}

VARIABLES: Final = (
    "country",
    "service",
    "operator",
    "max_price",
    "id",
    "ids",
    "phone",
    "phone_digits",
    "state",
    "reference",
    "offer",
    "route",
    "limit",
    "offset",
    "page",
    "cursor",
    "secret",
    "token",
    "timestamp",
    "timestamp_ms",
    "time_iso",
    "nonce",
    "uuid",
)
VARIABLE_ALIASES: Final = {
    "countryCode": "country",
    "countryId": "country",
    "externalCountry": "country",
    "serviceCode": "service",
    "serviceId": "service",
    "externalService": "service",
    "product": "service",
    "operatorId": "operator",
    "maxPrice": "max_price",
    "expectedPrice": "max_price",
    "activationId": "id",
    "activation_id": "id",
    "orderId": "id",
    "activationIds": "ids",
    "phoneNumber": "phone",
    "phoneDigits": "phone_digits",
    "authKey": "secret",
    "timestampMs": "timestamp_ms",
    "timeIso": "time_iso",
}

ANY: Final = frozenset({"", "any", "all", "default"})

CURRENCY_NUMBERS: Final = {
    "840": "USD",
    "978": "EUR",
    "643": "RUB",
    "826": "GBP",
    "156": "CNY",
    "356": "INR",
    "398": "KZT",
    "980": "UAH",
    "949": "TRY",
    "986": "BRL",
}
