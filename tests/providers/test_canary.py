"""A share of the calls for a draft: who is served by it, and when it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexnum_console.core.db import Database
from nexnum_console.providers import canary, registry, versions
from nexnum_console.providers.canary import Call, judge, takes
from tests.providers.test_versions import ADMIN, BOX, CONFIG, _changed

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def _calls(total: int, faults: int, outcome: str = "parse_error") -> list[Call]:
    bad = [Call("status", outcome)] * faults
    return bad + [Call("status", "ok")] * (total - faults)


@pytest.mark.parametrize(
    ("published", "draft", "reverts"),
    [
        (_calls(400, 0), _calls(20, 0), False),
        (_calls(400, 0), _calls(20, 2), False),
        (_calls(400, 0), _calls(20, 3), True),
        (_calls(400, 0), _calls(400, 4), False),
        (_calls(400, 60), _calls(20, 4), False),
        (_calls(400, 60), _calls(20, 10), True),
        ([], _calls(10, 3), True),
        (_calls(100, 0), _calls(50, 20, "provider_unavailable"), False),
        (_calls(100, 0), _calls(50, 20, "no_numbers"), False),
    ],
)
def test_only_what_is_clearly_worse_is_taken_back(
    published: list[Call], draft: list[Call], reverts: bool
) -> None:
    assert judge(published, draft).revert is reverts


def test_a_draft_that_sells_nothing_is_taken_back() -> None:
    sold = [Call("buy", "ok")] * 90 + [Call("buy", "no_numbers")] * 10
    verdict = judge(sold, [Call("buy", "no_numbers")] * 6)
    assert verdict.revert
    assert verdict.why.startswith("purchases that sold nothing: 6 of 6 by the draft, 10 of 100")
    assert not judge(sold, [Call("buy", "no_numbers")] * 2 + [Call("buy", "ok")] * 4).revert


@given(st.integers(0, 400), st.integers(0, 400))
def test_as_good_as_the_published_version_is_never_worse(calls: int, faults: int) -> None:
    faults = min(faults, calls)
    assert not judge(_calls(calls, faults), _calls(calls, faults)).revert


@given(st.text(min_size=1, max_size=20), st.integers(0, 50))
def test_one_activation_is_always_served_by_the_same_version(name: str, percent: int) -> None:
    def never() -> float:
        raise AssertionError("an activation is not rolled for")

    first = takes(percent, {"id": name}, never)
    assert all(takes(percent, {"id": name}, never) is first for _ in range(3))
    assert not first or takes(50, {"id": name}, never), "a larger share keeps those it has"


def test_the_share_is_about_what_was_asked() -> None:
    served = sum(takes(20, {"id": str(n)}, lambda: 1.0) for n in range(5_000))
    assert 850 < served < 1_150
    assert takes(5, {}, lambda: 0.049)
    assert not takes(5, {}, lambda: 0.05)
    assert not takes(0, {}, lambda: 0.0)


def test_a_bad_share_is_taken_back_with_its_reason(database: Database) -> None:
    with database.transaction() as unit:
        provider_id, _ = registry.add_provider(unit, BOX, CONFIG, secret="k", margin="1.5")
        versions.save_draft(unit, ADMIN, "acme", _changed(displayName="Acme"), now=NOW)
        assert not canary.is_running(unit)
        versions.set_canary(unit, ADMIN, "acme", 10, "try", now=NOW)
        assert canary.is_running(unit)
        for number, outcome in ((1, "ok"), (2, "parse_error")):
            for _ in range(30):
                unit.run(
                    "insert into provider_call (provider_id, version, operation, outcome, at)"
                    " values (:id, :number, 'status', :outcome, :at)",
                    id=provider_id,
                    number=number,
                    outcome=outcome,
                    at=NOW + timedelta(seconds=1),
                )
    assert canary.revert_bad(database, now=NOW) == ["acme"]
    assert canary.revert_bad(database, now=NOW) == []
    with database.transaction() as unit:
        draft = versions.draft(unit, "acme")
        assert draft is not None
        assert draft.canary_percent == 0
        told = unit.first("select * from audit_entry where actor = 'system' order by id desc")
        assert told is not None
        assert told["reason"].startswith(canary.REVERTED)
