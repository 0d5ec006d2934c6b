"""The ledger's proof: each promise, how far a check is, frozen wallets, the evidence."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.ledger_proof import CauseLine, FrozenWallet, PromiseLine
from nexnum_console.ui.admin.facts import fact_strip, heads, labelled
from nexnum_console.ui.admin.ledger.frame import ledger_frame
from nexnum_console.ui.admin.ledger.proof_state import ProofState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.dialog import confirm_typed
from nexnum_console.ui.components.field import text_field
from nexnum_console.ui.components.progress import progress
from nexnum_console.ui.components.states import banner, chip, loading
from nexnum_console.ui.components.table import data_table


def page() -> rx.Component:
    """What holds, what does not, and what a person decides about it."""
    return ledger_frame(
        ProofState,
        "proof",
        _under_way(),
        rx.cond(
            ProofState.proof.failed != "",
            banner("warn", "alert", "The last whole check: ", ProofState.proof.failed),
        ),
        rx.cond(ProofState.loaded, fact_strip(ProofState.proof.facts), loading(2)),
        rx.cond(ProofState.proof.frozen.length() > 0, _frozen()),
        _promises(),
        data_table(ProofState, symbol="shield"),
        side=(
            rx.cond(
                ProofState.loaded,
                chip(ProofState.proof.tone, ProofState.proof.icon, ProofState.proof.word),
            ),
            rx.cond(
                ProofState.may_verify,
                button(
                    "Verify now",
                    kind="primary",
                    symbol="shield",
                    busy=ProofState.asked | ProofState.proof.running,
                    on_click=ProofState.verify_now,
                ),
            ),
        ),
        layers=(_thaw(),),
    )


def _under_way() -> rx.Component:
    running = rx.el.div(
        progress(
            ProofState.proof.percent,
            "Every journal is looked at: " + ProofState.proof.step,
            ProofState.proof.percent.to_string() + " %",
        ),
        class_name="card card__body",
        custom_attrs={"data-testid": "verify-progress"},
    )
    waits = rx.el.p(
        "A check is queued; a worker begins it as soon as one is free.",
        class_name="caption",
        role="status",
    )
    return rx.cond(ProofState.proof.running, running, rx.cond(ProofState.asked, waits))


def _promises() -> rx.Component:
    table = rx.el.table(
        heads("Promise", "", "State", ">Looked at", ">Every row looked at", "On a break"),
        rx.el.tbody(rx.foreach(ProofState.proof.promises, _promise)),
        class_name="table table--compact",
        custom_attrs={"data-testid": "promises", "data-run": ProofState.proof.last_run},
    )
    return card(
        "What is promised",
        rx.cond(ProofState.loaded, rx.el.div(table, class_name="tablewrap"), loading(16)),
    )


def _promise(line: rx.Var[PromiseLine]) -> rx.Component:
    state = chip(line.tone, line.icon, line.word)
    when = lambda ms: rx.cond(ms > 0, ago(ms), rx.el.span("–", class_name="low"))  # noqa: E731
    return rx.el.tr(
        rx.el.th(line.name, scope="row"),
        labelled("Promise", rx.el.span(line.promise, class_name="wraps")),
        labelled("State", rx.cond(line.href != "", rx.el.a(state, href=line.href), state)),
        labelled("Looked at", when(line.checked_ms), "r"),
        labelled("Every row", when(line.whole_ms), "r"),
        labelled("On a break", rx.cond(line.freezes, "wallet freezes", "alert")),
    )


def _frozen() -> rx.Component:
    table = rx.el.table(
        heads("Wallet of", "Why", ">Available", ""),
        rx.el.tbody(rx.foreach(ProofState.proof.frozen, _wallet)),
        class_name="table",
        custom_attrs={"data-testid": "frozen"},
    )
    return card("Frozen wallets", rx.el.div(table, class_name="tablewrap"))


def _wallet(one: rx.Var[FrozenWallet]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(rx.el.a(one.email, href=one.user_href, class_name="quiet"), scope="row"),
        labelled(
            "Why",
            rx.cond(
                one.causes.length() > 0,
                _causes(one.causes),
                rx.el.span(one.reason, class_name="wraps"),
            ),
        ),
        labelled("Available", rx.el.a(one.available, href=one.href, class_name="quiet"), "r num"),
        rx.el.td(
            rx.cond(
                ProofState.may_thaw,
                button(
                    "Let it go",
                    size="sm",
                    symbol="undo",
                    on_click=ProofState.ask_thaw(one.user),
                    custom_attrs={"aria-label": "Let the wallet of " + one.email + " go"},
                ),
            ),
            class_name="r",
        ),
    )


def _causes(causes: rx.Var[list[CauseLine]]) -> rx.Component:
    """Each once: evidence that a freeze repeats is read there."""
    return rx.el.ul(
        rx.foreach(causes, lambda one: rx.cond(one.quoted, rx.fragment(), _cause(one))),
        class_name="proofs",
    )


def _cause(one: rx.Var[CauseLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.title, ": ", one.words, class_name="wraps"),
        rx.el.small("by ", one.by, ", ", ago(one.at_ms), class_name="low"),
    )


def _thaw() -> rx.Component:
    return confirm_typed(
        ProofState.thawing > 0,
        ProofState.keep_frozen,
        "May money leave this wallet again?",
        "All that is open about it, which you see here, is closed with your reason, and evidence"
        " once settled does not freeze it a second time. No balance changes: correct what is wrong"
        " before.",
        ProofState.thaw_email,
        lambda data: ProofState.thaw(
            data.to(dict[str, str])["reason"], data.to(dict[str, str])["word"]
        ),
        _causes(ProofState.thaw_causes),
        text_field("Reason", "reason", error=ProofState.wrong, required=True, max_length=300),
        label="Let it go",
    )
