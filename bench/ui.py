"""How the face feels: weight, clicks, filters, pushes, in real browsers on a whole installation.

Every figure is taken inside the browser by its own clock, from the event to the painted answer.
"""

from __future__ import annotations

import gzip
import os
import random
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from rich.console import Console

from bench import watching
from bench.audience import Audience
from bench.report import Report
from bench.rounds import percentile
from nexnum_console import bootstrap
from nexnum_console.accounts import sessions
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.api.deps import cookie_name
from nexnum_console.core.clock import utc_now
from nexnum_console.core.events import user_channel
from nexnum_console.core.money import to_micro
from nexnum_console.operations.registration import enrol
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.steps import Steps
from nexnum_console.stack.temporary import throwaway_console
from nexnum_console.trial import browsing, gallery
from nexnum_console.trial.buyer import Buyer
from nexnum_console.wallet import ledger

CLIENTS: Final = 200
BROWSERS: Final = 3
ROWS: Final = 60
CLICKS: Final = 40
FILTERS: Final = 30
PUSHES: Final = 20
OTHERS_WOKEN: Final = 10
KB: Final = 1000
FRESH_STORE: Final = gallery.Stop("store", "/store", "buyer")
OFFERS: Final = gallery.Stop("offers", "/store?service=telegram&country=GB", "buyer")
LIST: Final = gallery.Stop("list", "/console/activations", "admin")
_WORDS: Final = {"received": "Code received", "waiting": "Waiting for SMS"}


@dataclass(frozen=True, slots=True)
class Budget:
    """A promise: ``value`` must be at most ``target``, or below it where it is a time."""

    name: str
    value: float
    target: float
    unit: str
    samples: int
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it is kept."""
        return self.value < self.target if self.unit == "ms" else self.value <= self.target

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "value": round(self.value, 1),
            "target": self.target,
            "unit": self.unit,
            "ok": self.ok,
            "samples": self.samples,
            **self.detail,
        }


@dataclass(frozen=True)
class Stage:
    """A running installation with people in it, and a browser."""

    url: str
    cast: gallery.Cast
    cookie: str
    control: SandboxControl
    browser: Any
    crowd: list[tuple[int, str]]


def run(report: Report, seconds: float) -> bool:
    """Measure every budget once; True when all are kept. ``seconds`` is not used: samples count."""
    began = time.monotonic()
    steps = _QuietSteps(report)
    with throwaway_console(Layout.of(), os.environ, steps, "bench-ui") as started:
        os.environ.update(started.env)
        try:
            with _stage(report, started.url) as stage:
                budgets = list(_budgets(report, stage))
        finally:
            bootstrap.close()
    report.close(
        {
            "bench": "ui",
            "ok": all(budget.ok for budget in budgets),
            "measured": {},
            "budgets": {budget.name: budget.document() for budget in budgets},
            "machine": {
                "cores": len(os.sched_getaffinity(0)),
                "load_1m": round(os.getloadavg()[0], 2),
            },
            "elapsed_s": round(time.monotonic() - began, 1),
        }
    )
    return all(budget.ok for budget in budgets)


def _budgets(report: Report, stage: Stage) -> Iterator[Budget]:
    measures = (
        ("JavaScript of the first store page", scripts),
        ("clicks", clicks),
        ("filters", filters),
        ("searches", searches),
        ("state told to every page", deltas),
        (f"codes, beside {CLIENTS} clients", pushes),
    )
    for words, measure in measures:
        report.doing(words)
        budget = measure(stage)
        report.tell(budget=budget.name, **budget.document())
        yield budget


def scripts(stage: Stage) -> Budget:
    """Every script that a first visit to the store loads, compressed."""
    found: dict[str, bytes] = {}
    encodings: set[str] = set()

    def keep(answer: Any) -> None:
        if answer.request.resource_type == "script" and answer.ok:
            found[answer.url] = answer.body()
            encodings.add(answer.headers.get("content-encoding", "none"))

    context = stage.browser.new_context()
    browsing.let_in(context, stage.url, stage.cast, stage.cookie, FRESH_STORE)
    page = context.new_page()
    page.on("response", keep)
    browsing.open_page(page, stage.url + FRESH_STORE.path)
    context.close()
    total = sum(len(gzip.compress(body, 6)) for body in found.values())
    detail = {
        "uncompressed_kb": round(sum(map(len, found.values())) / KB, 1),
        "served_as": sorted(encodings),
    }
    return Budget("store_js_gz_kb", total / KB, 350, "KB", len(found), detail)


def clicks(stage: Stage) -> Budget:
    """Choose an offer and close it again: the server answers each click."""
    times = []
    with _page(stage, OFFERS) as page:
        for turn in range(CLICKS):
            if turn % 2 == 0:
                watching.arm(page, "click", selector=".confirm")
                page.get_by_role("button", name="Choose").first.click()
            else:
                watching.arm(page, "click", absent=".confirm")
                page.get_by_role("button", name="Close the confirmation").click()
            times.append(watching.took(page))
    return _times("click_to_paint_p95_ms", times, 150)


def filters(stage: Stage) -> Budget:
    """Choose another state in a list's filter: a new address, and its rows."""
    times = []
    with _page(stage, LIST) as page:
        page.get_by_label("Filters").click()
        control = page.locator("#filter-state")
        for turn in range(FILTERS):
            state = list(_WORDS)[turn % len(_WORDS)]
            watching.arm(page, "change", selector=_cells("State"), text=_WORDS[state])
            control.select_option(state)
            times.append(watching.took(page))
    return _times("filter_to_rows_p95_ms", times, 400)


def searches(stage: Stage) -> Budget:
    """Write into a list's search box: from the last key to the rows, its pause included."""
    wanted = [gallery.BUYER, _address(0)]
    times = []
    with _page(stage, LIST) as page:
        box = page.get_by_role("searchbox")
        for turn in range(FILTERS):
            words = wanted[turn % len(wanted)]
            watching.arm(page, "input", selector=_cells("Buyer"), text=words)
            box.fill(words)
            times.append(watching.took(page))
    return _times("search_to_rows_p95_ms", times, 400)


def deltas(stage: Stage) -> Budget:
    """The largest message that a page's server sends while it opens, over all pages."""
    from nexnum_console.ui import site  # noqa: PLC0415  needs the settings made above

    stops = gallery.stops([page.route for page in site.PAGES], stage.cast.parameters)
    largest: dict[str, float] = {}
    for stop in stops:
        sizes = [0]
        context = stage.browser.new_context()
        browsing.let_in(context, stage.url, stage.cast, stage.cookie, stop)
        page = context.new_page()
        page.on("websocket", lambda socket, heard=sizes: socket.on("framereceived", _size(heard)))
        browsing.open_page(page, stage.url + stop.path)
        context.close()
        largest[stop.name] = round(max(sizes) / KB, 1)
    worst = sorted(largest, key=lambda name: -largest[name])[:3]
    detail = {"largest": {name: largest[name] for name in worst}}
    return Budget("state_delta_max_kb", max(largest.values()), 30, "KB", len(stops), detail)


def pushes(stage: Stage) -> Budget:
    """Commit an SMS as a worker does; the code is painted in a real browser."""
    parts = bootstrap.services()
    times = []
    tokens = [token for _, token in stage.crowd]
    watchers = stage.crowd[-BROWSERS:]
    with ExitStack() as open_pages, Audience(stage.url, stage.cookie, tokens) as audience:
        activations = [_purchase(stage.url, token) for _, token in watchers]
        pages = [open_pages.enter_context(_own_browser(stage, token)) for _, token in watchers]
        for _ in range(PUSHES):
            for page, activation in zip(pages, activations, strict=True):
                code = f"{secrets.randbelow(10**6):06}"
                with parts.database.transaction() as unit:
                    sms = [Sms(code, f"Your code is {code}", "Bench")]
                    store_messages(unit, parts.desk, activation, sms, utc_now())
                committed = time.time()
                for user_id, _ in random.sample(stage.crowd[:-BROWSERS], OTHERS_WOKEN):
                    parts.events.publish(user_channel(user_id), "wallet")
                times.append(watching.shown_at(page, code) - committed)
        connected = audience.watching
    budget = _times("commit_to_code_p95_ms", times, 300)
    detail = {"clients": connected, "browsers": BROWSERS}
    if connected < CLIENTS:
        raise watching.NeverSeen(f"only {connected} of {CLIENTS} clients were told anything")
    return Budget(budget.name, budget.value, 300, "ms", len(times), budget.detail | detail)


@contextmanager
def _stage(report: Report, url: str) -> Iterator[Stage]:
    report.doing("people, money and numbers")
    parts = bootstrap.services()
    chosen = parts.settings
    control = SandboxControl(chosen.sandbox_control_url or "", chosen.sandbox_control_key or "")
    try:
        cast = gallery.prepare(url, parts.database, control, chosen.wallet_currency)
        # No SMS comes by itself from here on.
        for carrier in control.carriers():
            control.set_fault(carrier["name"], "late_sms", rate=1)
        crowd = _gather(chosen.wallet_currency)
        _fill_list(url, crowd)
        with browsing.chromium() as browser:
            yield Stage(url, cast, cookie_name(chosen), control, browser, crowd)
    finally:
        control.close()


def _gather(currency: str) -> list[tuple[int, str]]:
    """CLIENTS people with money, as (user id, session token)."""
    now, crowd = utc_now(), []
    with bootstrap.services().database.transaction() as unit:
        for number in range(CLIENTS):
            user_id = enrol(unit, _address(number), "no password", currency=currency)
            wallet_id = unit.scalar("select id from wallet where user_id = :id", id=user_id)
            cause = ledger.Cause(f"bench:{user_id}", "bench", now)
            ledger.deposit(unit, wallet_id, to_micro("100"), "sandbox", cause)
            lifetime = timedelta(hours=1)
            crowd.append(
                (user_id, sessions.open_session(unit, user_id, now=now, lifetime=lifetime))
            )
    return crowd


def _fill_list(url: str, crowd: Sequence[tuple[int, str]]) -> None:
    """Rows for the list: half of the numbers have their code."""
    parts = bootstrap.services()
    bought = []
    for number in range(ROWS):
        _, token = crowd[number % 10]
        bought.append(_purchase(url, token))
    for activation in bought[::2]:
        with parts.database.transaction() as unit:
            store_messages(unit, parts.desk, activation, [Sms("1", "1", "Bench")], utc_now())


def _purchase(url: str, token: str) -> int:
    with Buyer(url) as person:
        person.come_with(cookie_name(bootstrap.services().settings), token)
        return int(person.purchase("telegram", "GB")["id"])


@contextmanager
def _page(stage: Stage, stop: gallery.Stop) -> Iterator[Any]:
    with _context(stage, stage.cast.tokens[stop.who]) as context:
        page = context.new_page()
        browsing.open_page(page, stage.url + stop.path)
        yield page


@contextmanager
def _own_browser(stage: Stage, token: str) -> Iterator[Any]:
    with (
        browsing.another(stage.browser) as browser,
        _context(replace(stage, browser=browser), token) as context,
    ):
        page = context.new_page()
        browsing.open_page(page, stage.url + FRESH_STORE.path)
        yield page


@contextmanager
def _context(stage: Stage, token: str) -> Iterator[Any]:
    context = stage.browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": stage.cookie, "value": token, "url": stage.url}])
    context.add_init_script(watching.CLOCKS)
    try:
        yield context
    finally:
        context.close()


def _size(heard: list[int]) -> Any:
    def keep(frame: str | bytes) -> None:
        heard.append(len(frame.encode() if isinstance(frame, str) else frame))

    return keep


def _cells(label: str) -> str:
    return f"[data-list=activations] tbody td[data-label={label}]"


def _address(number: int) -> str:
    return f"bench-{number}@example.com"


def _times(name: str, seconds: Sequence[float], target: float) -> Budget:
    detail = {"median_ms": round(1000 * percentile(list(seconds), 50), 1)}
    return Budget(name, 1000 * percentile(list(seconds), 95), target, "ms", len(seconds), detail)


class _QuietSteps(Steps):
    """Start-up as the report's progress."""

    def __init__(self, report: Report) -> None:
        super().__init__(Console(quiet=True))
        self._report = report

    def done(self, what: str, seconds: float) -> None:
        """The next step begins."""
        self._report.doing(f"started: {what}")
