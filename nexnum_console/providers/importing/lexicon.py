"""The words of the trade: how providers call operations, parameters, fields, states, refusals.

Plain tables. A name is compared without case and without anything that is no letter or digit.
"""

from __future__ import annotations

import re
from typing import Final


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPERATIONS: Final[dict[str, dict[str, int]]] = {
    "balance": {
        "balance": 8, "profile": 4, "wallet": 4, "credits": 4, "funds": 4, "account": 3, "me": 3,
        "user": 1,
    },
    "countries": {"countries": 9, "regions": 4, "locations": 4, "country": 3, "all": 2, "list": 2,
                  "retrieve": 1},
    "services": {"services": 9, "applications": 8, "products": 5, "apps": 5, "service": 3,
                 "all": 2, "list": 2, "retrieve": 1,
                 "targets": 4, "sites": 4, "platforms": 4},
    "operators": {"operators": 9, "carriers": 8, "networks": 5, "operator": 3, "all": 2,
                  "list": 2},
    "prices": {"prices": 9, "price": 7, "pricing": 8, "tariffs": 8, "rates": 5, "cost": 4,
               "costs": 5, "offers": 6, "stock": 5, "quantity": 4, "availability": 6,
               "serviceprice": 8, "limits": 3, "products": 3},
    "buy": {"buy": 9, "purchase": 8, "getnumber": 9, "acquire": 7, "reserve": 6, "allocate": 6,
            "order": 4, "orders": 3, "create": 4, "number": 4, "numbers": 3, "activation": 2,
            "activations": 3, "verifications": 3, "verification": 3, "rentnumber": 6, "new": 3,
            "request": 2, "sms": 1},
    "status": {"status": 6, "check": 7, "getstatus": 9, "getsms": 8, "getcode": 8, "sms": 5,
               "code": 5, "otp": 6, "messages": 5, "message": 4, "state": 5, "inbox": 5,
               "order": 2, "orders": 2, "activation": 2, "activations": 2, "number": 1},
    "active": {"active": 7, "activeactivations": 9, "history": 5, "current": 6, "pending": 4,
               "list": 3, "orders": 5, "activations": 5, "numbers": 2, "verifications": 4},
    "cancel": {"cancel": 10, "refund": 8, "reject": 8, "denial": 8, "decline": 7, "release": 6,
               "abort": 7, "cancelorder": 9, "delete": 4},
    "finish": {"finish": 10, "complete": 9, "close": 8, "done": 7, "confirm": 5, "success": 3},
    "resend": {"resend": 10, "retry": 8, "repeat": 7, "again": 7, "another": 6, "clearsms": 9,
               "reactivate": 6, "next": 3, "reuse": 4},
    "ban": {"ban": 10, "block": 8, "report": 8, "used": 6, "bad": 5, "blocknumber": 9,
            "blacklist": 7},
}  # fmt: skip
NOT_OURS: Final = _words_of(
    "login logout signin signup register oauth token tokens refresh password payment payments "
    "deposit withdraw invoice invoices referral rent rental rentals webhook webhooks notification "
    "proxy proxies email emails coupon promo avatar settings upload analytics collect telemetry "
    "captcha cart forgot reset 2fa health ping"
)
# What setStatus-like calls carry in a parameter.
STATUS_NUMBERS: Final = {"8": "cancel", "-1": "cancel", "6": "finish", "3": "resend"}

PARAMETERS: Final[dict[str, tuple[str, ...]]] = {
    "country": (
        "country", "countryid", "countrycode", "iso", "region", "location", "geo", "cc",
        "countryiso", "countryshort", "externalcountry",
    ),
    "service": (
        "service", "serviceid", "servicecode", "product", "productid", "application",
        "applicationid", "app", "appid", "target", "targetid", "site", "platform", "project",
        "projectid", "externalservice",
    ),
    "operator": ("operator", "operatorid", "carrier", "carrierid", "network"),
    "max_price": (
        "maxprice", "pricelimit", "maxcost", "maximumprice", "pricecap", "limitprice",
        "expectedprice", "maxamount", "budget", "freeprice", "cap", "pricemax",
    ),
    "id": (
        "id", "activationid", "orderid", "requestid", "tzid", "verificationid", "numberid",
        "order", "reservationid", "smsid", "activation", "uuid", "guid", "transactionid",
        "purchaseid", "sessionid", "idnum", "request", "aid", "oid",
    ),
    "phone": ("phone", "phonenumber", "msisdn", "number", "tel"),
    "limit": ("limit", "perpage", "pagesize", "size", "take", "itemsperpage"),
    "offset": ("offset", "start", "skip", "from"),
    "page": ("page", "pagenumber", "pageno", "p"),
}  # fmt: skip

# Best name first: a list of several is read in this order.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "activation_id": (
        "activationid", "orderid", "requestid", "tzid", "verificationid", "reservationid",
        "purchaseid", "transactionid", "numberid", "idnum", "orderuuid", "id", "uuid", "guid",
        "orderno", "order", "activation", "request", "ordernumber",
    ),
    "phone": (
        "phonenumber", "phone", "msisdn", "fullnumber", "number", "tel", "telephone", "mobile",
        "mdn", "phonenum", "line",
    ),
    "cost": (
        "activationcost", "cost", "price", "totalcost", "amount", "charge", "charged", "total",
        "sum", "fee",
    ),
    "currency": ("currency", "currencycode"),
    "operator": (
        "activationoperator", "operator", "operatorname", "carrier", "network", "pool",
    ),
    "country": ("countryid", "countrycode", "country", "iso", "region", "countryname"),
    "service": (
        "servicecode", "serviceid", "service", "product", "applicationid", "application", "app",
        "target", "servicename",
    ),
    "expires_at": (
        "expiresat", "expires", "expiration", "expiry", "expireat", "expirationtime", "expiretime",
        "expirationdate", "activationendtime", "endsat", "enddate", "endtime", "validuntil",
        "until", "deadline", "finishat",
    ),
    "created_at": (
        "createdat", "created", "creationdate", "createdate", "activationtime", "boughtat",
        "purchasedat", "startedat", "starttime", "orderedat",
    ),
    "dial_code": ("dialcode", "callingcode", "phonecode", "prefix", "cc", "countrycode"),
    "code": (
        "smscode", "code", "otp", "otpcode", "verificationcode", "pin", "passcode", "sms",
        "codes", "lastcode",
    ),
    "text": (
        "fullsms", "fulltext", "smstext", "fullmessage", "smsmessage", "smscontent", "text",
        "body", "content",
    ),
    "sms_text": (
        "fullsms", "fulltext", "smstext", "fullmessage", "text", "body", "content", "message",
        "smsmessage", "smscontent", "sms",
    ),
    "sender": ("sender", "phonefrom", "from", "source", "originator", "sendernumber"),
    "state": ("status", "state", "activationstatus", "orderstatus"),
    "balance": (
        "balance", "userbalance", "availablebalance", "credits", "credit", "funds", "money",
        "amount", "available", "wallet",
    ),
    "price": ("price", "cost", "retailprice", "unitprice", "rate", "amount", "minprice", "value"),
    "stock": (
        "count", "stock", "qty", "quantity", "available", "availability", "instock",
        "physicalcount", "total", "numbers", "left",
    ),
    "id": ("id", "countryid", "code", "slug", "iso", "countrycode", "shortname", "short", "key"),
    "name": (
        "name", "nameen", "texten", "en", "eng", "title", "fullname", "countryname",
        "servicename", "displayname", "label", "country", "service",
    ),
    "service_code": (
        "code", "servicecode", "id", "serviceid", "slug", "short", "shortname", "key", "name",
    ),
    "operator_name": ("operator", "name", "code", "id", "slug", "carrier"),
}  # fmt: skip
MESSAGES: Final = frozenset({"sms", "messages", "smses", "smslist", "inbox", "msgs", "texts"})
WRAPPERS: Final = (
    "data", "result", "results", "response", "items", "list", "payload", "rows", "content",
    "records", "activeactivations", "orders", "activations", "services", "countries",
    "countryoperators", "operators", "prices", "products", "applications", "numbers", "order",
    "activation", "user", "profile",
)  # fmt: skip
FLAGS: Final = ("success", "ok", "status", "result", "response", "error", "code", "msg", "message")

STATES: Final[dict[str, tuple[str, ...]]] = {
    "waiting": (
        "waiting", "wait", "pending", "new", "created", "processing", "active", "inprogress",
        "open", "ready", "queued", "waitcode", "statuswaitcode", "waitsms", "prepare", "started",
        "waitingforsms", "waitingsms", "awaiting",
    ),
    "received": (
        "received", "smsreceived", "codereceived", "gotcode", "gotsms", "delivered", "statusok",
        "answered", "arrived", "hascode",
    ),
    "retry": ("retry", "waitretry", "resend", "waitresend", "statuswaitretry", "repeat"),
    "finished": ("finished", "finish", "completed", "complete", "done", "closed", "used"),
    "cancelled": (
        "cancelled", "canceled", "cancel", "refunded", "refund", "rejected", "banned", "revoked",
        "statuscancel", "aborted", "denied", "declined", "blocked", "reported",
    ),
    "expired": ("expired", "expire", "timeout", "timedout", "ended", "timeisup"),
}  # fmt: skip

USUAL_NAMES: Final = {  # how a field is usually spelled, for answers that nobody has seen
    "activation_id": "id|order_id|orderId|activation_id|activationId|request_id|data.id",
    "phone": "phone|number|phone_number|phoneNumber|data.phone|data.number",
    "cost": "price|cost|amount|data.price",
    "state": "status|state|data.status",
    "code": "code|sms_code|smsCode|sms|otp|data.code",
    "text": "text|full_sms|sms_text|data.text",
    "balance": "balance|data.balance|credits",
    "id": "id|code|country_id",
    "name": "name|title",
    "price": "price|cost",
    "stock": "count|stock|quantity",
    "country": "country|country_id",
    "service": "service|product|service_id",
    "operator": "operator|name",
}
USUAL: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "balance": ("json_object", ("balance",)),
    "countries": ("json_array", ("id", "name")),
    "services": ("json_array", ("code", "name")),
    "operators": ("json_array", ("operator",)),
    "prices": ("json_array", ("country", "service", "price", "stock")),
    "buy": ("json_object", ("activation_id", "phone", "cost")),
    "status": ("json_object", ("state", "code", "text")),
    "active": ("json_array", ("activation_id", "phone", "state")),
    "cancel": ("json_object", ("state",)),
    "finish": ("json_object", ("state",)),
    "resend": ("json_object", ("state",)),
    "ban": ("json_object", ("state",)),
}

# Tried in order on the words of a refusal, everything but letters and digits taken as a blank.
REFUSALS: Final[tuple[tuple[str, str], ...]] = (
    ("max_price_too_low", r"(max|maximum) ?price|price (is )?(too low|limit)|below the price"),
    ("cancel_too_early", r"early cancel|too early|wait time|cannot (be )?cancel\w* (yet|now)"),
    ("sms_already_received", r"(has|already|received|new) (the |an )?(sms|otp|code)\b(?! not)"),
    ("no_balance", r"(low|not enough|insufficient|no|not sufficient) (\w+ ){0,2}(balance|funds|"
                   r"money|credits?)|balance (is )?(too )?(low|insufficient)|payment required|"
                   r"nobalance|insufficientbalance"),
    ("bad_key", r"(bad|wrong|invalid|no|missing|incorrect|unknown) (\w+ )?(key|token|apikey)|key "
                r"(\w+ )?(not found|invalid|wrong|missing)|unauthori[sz]ed|unauthenticated|"
                r"token (is )?(invalid|expired)"),
    ("account_blocked", r"\bbanned\b|account (is )?(blocked|suspended|disabled)|user blocked"),
    ("limit_channels", r"channels? limit|too many (active|orders|numbers|activations)"),
    ("rate_limited", r"too many requests|rate limit|api limit|throttl|too often|slow down"),
    ("duplicate_order", r"(order|request) (already )?(exists|duplicate)|duplicate (order|request)"),
    ("activation_expired", r"(order|activation|request|number|it|has) (has |is )?expired|^expired"),
    ("activation_closed", r"already (been )?(cancel|clos|finish|complet|refund)|"
                          r"(order|activation) (is )?(closed|finished)"),
    ("activation_not_found", r"(order|activation|request|record|id|tzid)s? (\w+ ){0,2}(not found|"
                             r"unknown|invalid|does not exist|incorrect)|no activation|"
                             r"(wrong|bad|unknown|invalid) (order|activation|id)\b"),
    ("bad_country", r"(bad|wrong|invalid|unknown|incorrect|no|select) country|country (\w+ )?"
                    r"(incorrect|invalid|not found|not supported|wrong)"),
    ("bad_service", r"(bad|wrong|invalid|unknown|incorrect|no|select) (service|product|application)"
                    r"|(service|product|application) (\w+ )?(incorrect|invalid|not found|"
                    r"not supported|wrong|not available)"),
    ("bad_operator", r"(bad|wrong|invalid|unknown|incorrect|select) operator|operator (\w+ )?"
                     r"(incorrect|invalid|not found)"),
    ("no_numbers", r"no (free |available |more )?(numbers?|phones?)|numbers? (\w+ )?(not found|"
                   r"unavailable|not available)|out of stock|no stock|sold out|available phone|"
                   r"nonumbers"),
    ("invalid_transition", r"bad status|invalid (status|transition|state)|wrong status"),
    ("bad_action", r"(bad|wrong|unknown|invalid) (action|method|endpoint)|no action"),
    ("access_denied", r"access denied|forbidden|no access|not allowed|permission"),
    ("provider_unavailable", r"offline|maintenance|unavailable|overload|try again later"),
    ("provider_error", r"internal|server error|error sql|sql error|unexpected error"),
    ("bad_request", r"bad request|validation|invalid|missing|required|wrong|bad"),
)  # fmt: skip

SERVICES: Final = _words_of(
    "telegram whatsapp google gmail youtube facebook instagram twitter x tiktok discord amazon "
    "uber viber wechat openai chatgpt microsoft steam netflix paypal snapchat line apple spotify "
    "yahoo tinder airbnb ebay aliexpress vk vkontakte ok tg wa go fb ig ds lf other any tw "
    "vi am ub"
)
COUNTRIES: Final = _words_of(
    "england uk usa russia ukraine kazakhstan germany france spain italy poland india indonesia "
    "china brazil canada mexico netherlands sweden norway finland estonia latvia lithuania romania "
    "bulgaria georgia armenia turkey israel egypt nigeria kenya southafrica vietnam thailand "
    "malaysia philippines cambodia myanmar pakistan bangladesh argentina chile colombia peru "
    "portugal austria belgium denmark greece hungary ireland czech serbia croatia cyprus moldova "
    "japan korea australia hongkong taiwan laos nepal ghana morocco"
)
_PLAIN = re.compile(r"[^a-z0-9]")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_REFUSALS = tuple((code, re.compile(pattern)) for code, pattern in REFUSALS)
_NAMES = {name: target for target, names in PARAMETERS.items() for name in names}
_STATES = {word: state for state, words in STATES.items() for word in words}


def plain(name: str) -> str:
    """A name as the tables write it."""
    return _PLAIN.sub("", name.lower())


def words(text: str) -> list[str]:
    """Words of a path, a title or a name in any case: ``getNumberV2`` is get, number, v, 2."""
    return [found.lower() for found in _WORD.findall(text)]


def variable(name: str) -> str | None:
    """Our variable of a parameter's name, if it has one."""
    return _NAMES.get(plain(name))


def state_of(word: str) -> str | None:
    """Our state of a provider's word, if it is a usual one."""
    found = _STATES.get(plain(word))
    if found is None and plain(word).startswith("status"):
        found = _STATES.get(plain(word).removeprefix("status"))
    return found


def refusal_of(text: str) -> str | None:
    """The error code that a refusal in words means, if it is a usual one."""
    said = " ".join(words(text.replace("’", "'").replace("'t ", "t ")))
    return next((code for code, pattern in _REFUSALS if pattern.search(said)), None)
