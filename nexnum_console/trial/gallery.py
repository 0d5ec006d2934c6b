"""Every page of the product as its people see it, with goods, money and numbers in it."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from nexnum_console.accounts import sessions
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.operations.registration import register
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.trial import till
from nexnum_console.trial.buyer import Buyer
from nexnum_console.trial.single import TrialFailed

Who = Literal["stranger", "buyer", "admin"]

ADMIN: Final = "olivia@example.com"
BUYER: Final = "sam@example.com"
DEPOSIT: Final = "50.00"
# What was bought before anybody looked; the last two are shown while they live.
PAST: Final = (("telegram", "DE"), ("whatsapp", "GB"), ("google", "FR"), ("telegram", "ES"))
CODE: Final = "731046"
BROWSER: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
    " Safari/537.36"
)
WAIT_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.2
_PARAMETER: Final = re.compile(r"\[\[?(?:\.\.\.)?(\w+)\]?\]")
# An example of each thing a route can be about; where it can be several, the newest.
EXAMPLES: Final[Mapping[str, str]] = {
    "user_id": "select id from app_user where email = :buyer",
    "activation_id": "select id from activation where sms_count > 0 order by id desc limit 1",
    "finished_id": "select id from activation where sms_count > 0 order by id limit 1",
    "number_id": "select id from activation where sms_count > 0 order by id desc limit 1",
    "order_id": "select id from activation where sms_count > 0 order by id desc limit 1",
    "journal_id": "select id from journal order by id desc limit 1",
    "account_id": "select id from account where code = 'revenue'",
    "deposit_id": "select id from deposit_intent order by id desc limit 1",
    "second_id": "select intent_id from adjustment_request where intent_id is not null limit 1",
    "suspense_id": "select id from suspense order by id desc limit 1",
    "request_id": "select id from adjustment_request where intent_id is not null limit 1",
    "coupon_id": "select id from coupon where used > 0 limit 1",
    "penalty_id": "select id from penalty order by id desc limit 1",
    "transaction_id": "select id from journal order by id desc limit 1",
    "provider": "select name from provider order by id limit 1",
    "provider_name": "select name from provider order by id limit 1",
    "name": "select name from provider order by id limit 1",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A page to look at: a name for files, where it is, whose eyes."""

    name: str
    path: str
    who: Who


@dataclass(frozen=True, slots=True)
class Cast:
    """Session tokens of the people whose pages are shown, and route parameters by name."""

    tokens: Mapping[Who, str]
    parameters: Mapping[str, str]


EXTRA: Final = (
    Stop("store-offers", "/store?service=telegram&country=GB", "buyer"),
    Stop("store-again", "/store?again=[finished_id]", "buyer"),
    Stop("console-ledger-account", "/console/ledger/lines?account=[account_id]", "admin"),
    Stop("console-deposit", "/console/deposits?no=[deposit_id]", "admin"),
    Stop("console-deposit-second", "/console/deposits?no=[second_id]", "admin"),
    Stop("console-deposits-suspense-one", "/console/deposits/suspense?no=[suspense_id]", "admin"),
    Stop("console-deposits-approval", "/console/deposits/approvals?no=[request_id]", "admin"),
    Stop("console-deposits-coupon", "/console/deposits/coupons?no=[coupon_id]", "admin"),
    Stop("console-deposits-penalty", "/console/deposits/penalties?no=[penalty_id]", "admin"),
)


def stops(routes: Iterable[str], parameters: Mapping[str, str]) -> list[Stop]:
    """A stop for each route, and for states of pages that only their address brings.

    Raises TrialFailed for a route whose parameter has no example.
    """
    found = [_stop(route, parameters) for route in routes]
    return found + [Stop(one.name, _filled(one.path, parameters), one.who) for one in EXTRA]


def _stop(route: str, parameters: Mapping[str, str]) -> Stop:
    words = _PARAMETER.sub("one", route).strip("/").replace("/", "-") or "front"
    area = route.split("/")[1]
    who: Who = "admin" if area == "console" else "buyer" if area == "store" else "stranger"
    return Stop(words, _filled(route, parameters), who)


def _filled(path: str, parameters: Mapping[str, str]) -> str:
    def example(match: re.Match[str]) -> str:
        if match[1] not in parameters:
            raise TrialFailed(f"no example of [{match[1]}] for {path}: add one to EXAMPLES")
        return parameters[match[1]]

    return _PARAMETER.sub(example, path)


def prepare(url: str, database: Database, control: SandboxControl, currency: str) -> Cast:
    """Fill an empty installation through its own doors: people, deposits, purchases, codes.

    Raises TrialFailed when the catalogue stays empty or a code does not come.
    """
    till.open_to_transfers(database)
    _wait_for_catalogue(database)
    carriers = [carrier["name"] for carrier in control.carriers()]
    password = secrets.token_urlsafe(18)
    admin = register(database, ADMIN, password, currency=currency, role="admin")
    buyer = register(database, BUYER, password, currency=currency)
    with Buyer(url) as person, _silence(control, carriers):
        person.log_in(BUYER, password)
        person.deposit(DEPOSIT)
        bought = [person.purchase(service, country)["id"] for service, country in PAST]
        for activation in bought[:-1]:
            _deliver(database, control, person, activation)
        person.purchase("telegram", "GB")
        last = person.purchase("whatsapp", "US")["id"]
        _deliver(database, control, person, last)
        with Buyer(url) as boss:
            boss.log_in(ADMIN, password)
            till.fill(database, person, boss, buyer, admin)
    return Cast(
        {"admin": _session(database, admin), "buyer": _session(database, buyer)},
        examples(database),
    )


def examples(database: Database) -> dict[str, str]:
    """A value for each route parameter that this database has one of."""
    found: dict[str, str] = {}
    with database.transaction() as unit:
        for name, statement in EXAMPLES.items():
            wants_buyer = ":buyer" in statement
            value = unit.scalar(statement, **({"buyer": BUYER} if wants_buyer else {}))
            if value is not None:
                found[name] = str(value)
    return found


@contextmanager
def _silence(control: SandboxControl, carriers: Iterable[str]) -> Iterator[None]:
    """No SMS comes by itself: what the pages show does not depend on luck."""
    names = list(carriers)
    for carrier in names:
        control.set_fault(carrier, "late_sms", rate=1)
    try:
        yield
    finally:
        for carrier in names:
            control.clear_faults(carrier)


def _deliver(database: Database, control: SandboxControl, person: Buyer, activation: int) -> None:
    with database.transaction() as unit:
        upstream = unit.scalar("select upstream_id from activation where id = :id", id=activation)
    if upstream is None:
        raise TrialFailed(f"the number {activation} was not sold")
    control.send_sms(upstream, CODE)
    ends = time.monotonic() + WAIT_SECONDS
    while not person.look(activation)["code"]:
        if time.monotonic() > ends:
            raise TrialFailed(f"no code for {activation} after {WAIT_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)


def _wait_for_catalogue(database: Database) -> None:
    ends = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < ends:
        with database.transaction() as unit:
            names = [row["name"] for row in unit.all("select name from provider order by id")]
            listed = unit.scalar("select count(distinct provider_id) from offer")
        if names and listed == len(names):
            return
        time.sleep(LOOK_SECONDS)
    raise TrialFailed(f"the catalogue stayed empty for {WAIT_SECONDS:.0f} s")


def _session(database: Database, user_id: int) -> str:
    with database.transaction() as unit:
        return sessions.open_session(
            unit,
            user_id,
            now=utc_now(),
            lifetime=timedelta(hours=2),
            ip="127.0.0.1",
            user_agent=BROWSER,
        )
