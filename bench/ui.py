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
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import psutil
from rich.console import Console

from bench import watching
from bench.audience import Audience
from bench.report import Report
from bench.rounds import percentile
from bench.stage import CLIENTS, STORE, Stage, address, open_stop, own_browser, purchase, stage_of
from nexnum_console import bootstrap
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.core.clock import utc_now
from nexnum_console.core.events import user_channel
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.steps import Steps
from nexnum_console.stack.temporary import throwaway_console
from nexnum_console.trial import browsing, gallery

BROWSERS: Final = 3
CLICKS: Final = 40
FILTERS: Final = 30
PUSHES: Final = 20
OTHERS_WOKEN: Final = 10
KB: Final = 1000
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


def run(report: Report, seconds: float) -> bool:
    """Measure every budget once; True when all are kept. ``seconds`` is not used: samples count."""
    began = time.monotonic()
    steps = _QuietSteps(report)
    with throwaway_console(Layout.of(), os.environ, steps, "bench-ui") as started:
        os.environ.update(started.env)
        try:
            with stage_of(report, started.url) as stage:
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
        spent = _server_cpu(stage.url)
        budget = measure(stage)
        if budget.unit == "ms":
            budget.detail["load_1m"] = round(os.getloadavg()[0], 1)
        if measure in {clicks, filters, searches}:
            each = 1000 * (_server_cpu(stage.url) - spent) / budget.samples
            budget.detail["server_cpu_ms"] = round(each, 1)
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
    browsing.let_in(context, stage.url, stage.cast, stage.cookie, STORE)
    page = context.new_page()
    page.on("response", keep)
    browsing.open_page(page, stage.url + STORE.path)
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
    with open_stop(stage, OFFERS) as page:
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
    with open_stop(stage, LIST) as page:
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
    wanted = [gallery.BUYER, address(0)]
    times = []
    with open_stop(stage, LIST) as page:
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
        activations = [purchase(stage.url, token) for _, token in watchers]
        pages = [open_pages.enter_context(own_browser(stage, token)) for _, token in watchers]
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


def _server_cpu(url: str) -> float:
    """Processor seconds of the web process so far: what other load cannot spoil."""
    port = url.rpartition(":")[2]
    total = 0.0
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()
            if f"--port={port}" in words and "nexnum_console.stack.serve" in words:
                for one in (process, *process.children(recursive=True)):
                    spent = one.cpu_times()
                    total += spent.user + spent.system
    return total


def _size(heard: list[int]) -> Any:
    def keep(frame: str | bytes) -> None:
        heard.append(len(frame.encode() if isinstance(frame, str) else frame))

    return keep


def _cells(label: str) -> str:
    return f"[data-list=activations] tbody td[data-label={label}]"


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
