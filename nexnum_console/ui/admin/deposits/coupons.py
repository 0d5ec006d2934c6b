"""Coupons: what they give, who redeemed them, making and withdrawing one."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.coupons_list import CouponUse
from nexnum_console.ui.admin.deposits.coupons_state import FIELDS, CouponsState
from nexnum_console.ui.admin.deposits.frame import question, record_card, till_frame
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.components.button import button, copy_button
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.field import money_field, text_field
from nexnum_console.ui.components.states import banner
from nexnum_console.ui.components.table import data_table


def page() -> rx.Component:
    """Make one; open one to see who redeemed it."""
    return till_frame(
        CouponsState,
        "coupons",
        rx.cond(
            CouponsState.made != "",
            banner(
                "ok",
                "check",
                "The new coupon’s code: ",
                rx.el.code(CouponsState.made),
                copy_button("Copy", CouponsState.made),
            ),
        ),
        rx.cond(CouponsState.record.id > 0, _record()),
        data_table(CouponsState, symbol="percent"),
        side=(
            rx.cond(
                CouponsState.may_manage,
                button(
                    "Make a coupon",
                    kind="primary",
                    symbol="plus",
                    on_click=CouponsState.ask_deed("make"),
                ),
            ),
        ),
        layers=(_make(), _withdraw()),
    )


def _record() -> rx.Component:
    record = CouponsState.record
    acts = rx.cond(
        CouponsState.may_manage & record.open,
        button("Withdraw", kind="danger", symbol="ban", on_click=CouponsState.ask_deed("withdraw")),
    )
    table = rx.el.table(
        heads("Redeemed by", ">Credited", ">Journal", ">When"),
        rx.el.tbody(rx.foreach(record.uses, _use)),
        class_name="table table--compact",
    )
    uses = rx.cond(
        record.uses.length() > 0,
        rx.el.div(table, class_name="tablewrap"),
        rx.el.p("Nobody has redeemed it yet.", class_name="card__body mid"),
    )
    return record_card(record, record.facts, uses, acts=acts)


def _use(use: rx.Var[CouponUse]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(rx.el.a(use.email, href=use.user_href, class_name="quiet"), scope="row"),
        labelled("Credited", use.amount, "r num"),
        labelled("Journal", rx.el.a(use.journal, href=use.journal_href, class_name="quiet"), "r"),
        labelled("When", moment(use.at_ms), "r"),
    )


def _make() -> rx.Component:
    currency = CouponsState.currency
    fields = rx.el.div(
        money_field("Amount", "amount", currency, help_text="Credited at once. Or else:"),
        text_field(
            "Per cent of a deposit",
            "percent",
            help_text="Credited with the deposit.",
            input_mode="decimal",
            auto_complete="off",
            max_length=6,
        ),
        money_field(
            "At most",
            "most_credit",
            currency,
            help_text="Of a share; empty: of the largest deposit.",
        ),
        money_field("Least deposit", "least_deposit", currency, help_text="Empty for none."),
        _whole("Redeemed at most, in all", "most_uses", "100"),
        _whole("By one user at most", "most_each", "1"),
        text_field("Last day", "last_day", type="date", help_text="Empty: it does not end."),
        text_field(
            "Code",
            "code",
            help_text="Empty: a random one.",
            auto_complete="off",
            spell_check=False,
            max_length=40,
        ),
        class_name="pair",
    )
    return question(
        CouponsState,
        "make",
        "Make a coupon",
        "It gives an amount, or a share of a deposit, one of the two.",
        lambda data: CouponsState.make_coupon(
            {name: data.to(dict[str, str])[name] for name in FIELDS},
            data.to(dict[str, str])["code"],
            data.to(dict[str, str])["reason"],
        ),
        fields,
        foot=button("Make the coupon", kind="primary", type="submit", form="deed-form"),
        reason="What it is for",
        wide=True,
    )


def _whole(label: str, name: str, value: str) -> rx.Component:
    return text_field(
        label,
        name,
        default_value=value,
        input_mode="numeric",
        required=True,
        auto_complete="off",
        max_length=7,
    )


def _withdraw() -> rx.Component:
    return question(
        CouponsState,
        "withdraw",
        "Withdraw this coupon?",
        "Nobody redeems it any more. What it gave stays with its users.",
        lambda data: CouponsState.withdraw_coupon(data.to(dict[str, str])["reason"]),
        foot=button("Withdraw", kind="danger", type="submit", form="deed-form"),
    )
