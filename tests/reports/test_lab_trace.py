"""A trace for a page: nothing of the answer is lost, and pieces say what they became."""

from __future__ import annotations

import json

from nexnum_console.providers import versions
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.trace import trace
from nexnum_console.providers.trace_model import Trace
from nexnum_console.reports import lab_form, lab_trace

CONFIG = {
    "name": "acme",
    "baseUrl": "https://api.acme.example",
    "endpoints": {"buy": {"path": "/{service}", "queryParams": {"c": "$country|any"}}},
    "mappings": {
        "buy": {
            "type": "json_object",
            "rootPath": "data",
            "fields": {"id": "id", "phoneNumber": "tel"},
        }
    },
    "errors": {"words": {"NO_NUMBERS": "no_numbers"}, "paths": ["error"]},
}
BODY = '{"data": {"id": 7, "né": ["x", {"tel no": "447700900123"}], "tel": "447700900123"}}'


def _compiled() -> CompiledProvider:
    return versions.compiled(json.dumps(CONFIG), "acme")


def _told(body: str) -> Trace:
    return trace(_compiled(), "buy", Reply(200, {}, body), {})


def test_pieces_are_the_whole_answer() -> None:
    told = _told(BODY)
    pieces = lab_trace.pieces(told, json.loads(BODY), 0)
    assert "".join(piece.text for piece in pieces) == BODY
    by_field = {piece.fields: piece.text for piece in pieces if piece.fields}
    assert by_field == {"activation_id": "7", "phone": '"447700900123"'}
    assert [piece.text for piece in pieces if piece.value][:2] == ["7", '"x"']
    assert {piece.tone for piece in pieces} == {"", "1", "2"}


def test_a_pressed_value_has_the_name_that_a_field_would_give_it() -> None:
    told = _told(BODY)
    document = json.loads(BODY)

    def named(text: str) -> str:
        start = len(BODY[: BODY.index(text)].encode())
        found = lab_trace.choice_at(told, document, start)
        assert found is not None
        return found.source

    assert named('"447700900123"}]') == '"né"[1]."tel no"'
    assert named('"447700900123"}}') == "tel"
    assert named("7,") == "id"
    assert lab_trace.path_of("/data/0/a-b/c d") == 'data[0]."a-b"."c d"'


def test_a_text_is_cut_into_words_and_its_groups_have_names() -> None:
    config = json.loads(json.dumps(CONFIG))
    config["mappings"]["buy"] = {
        "type": "text_regex",
        "regex": "OK:(?P<id>\\d+):(?P<tel>\\d+)",
        "fields": {"id": "id", "phone": "tel"},
    }
    compiled = versions.compiled(json.dumps(config), "acme")
    told = trace(compiled, "buy", Reply(200, {}, "OK:55:447700900123"), {})
    pieces = lab_trace.pieces(told, None, 0)
    assert [(p.text, p.fields) for p in pieces if p.value] == [
        ("OK", ""), ("55", "activation_id"), ("447700900123", "phone"),
    ]  # fmt: skip
    found = lab_trace.choice_at(told, None, 6)
    assert found is not None
    assert found.source == "tel"
    assert lab_trace.choice_at(told, None, 0) is None


def test_the_story_says_which_rule_fired_and_why_no_reply_fitted() -> None:
    told = _told('{"error": "NO_NUMBERS"}')
    story = lab_trace.lines(told, 0, "text/html")
    titles = [line.title for line in story]
    assert titles[0] == "Read as JSON, an object of 1"
    assert titles[1] == "Reply 1 of 1, json_object: not taken"
    assert story[1].detail == "rootPath data leads to nothing"
    assert story[1].place == "/mappings/buy"
    fired = next(line for line in story if line.tone == "warn")
    assert fired.title == "Error no numbers: the word NO_NUMBERS"
    assert fired.place == "/errors/words"
    pieces = lab_trace.pieces(told, {"error": "NO_NUMBERS"}, 0)
    assert next(p.text for p in pieces if p.tone == "rule") == '"NO_NUMBERS"'


def test_a_missing_output_is_the_red_step() -> None:
    told = _told('{"data": {"id": 7}}')
    red = [line for line in lab_trace.lines(told, 0, "") if line.tone == "danger"]
    assert any(line.title == "phone: nothing at tel" for line in red)
    assert any(line.place == "/mappings/buy/fields/phoneNumber" for line in red)


def test_a_value_is_told_raw_then_step_by_step_to_the_final_one() -> None:
    config = json.loads(json.dumps(CONFIG))
    config["mappings"]["status"] = {
        "type": "json_object",
        "fields": {
            "status": {"from": "s|state", "map": {"3": "PENDING"}},
            "code": {"from": "sms", "as": "digits"},
        },
        "statusMapping": {"PENDING": "waiting"},
    }
    config["endpoints"]["status"] = {"path": "/{id}"}
    compiled = versions.compiled(json.dumps(config), "acme")

    def told(body: str) -> list[lab_trace.TraceLine]:
        answer = trace(compiled, "status", Reply(200, {}, body), {})
        return [line for line in lab_trace.lines(answer, 0, "") if line.field]

    (state, code) = told('{"state": 3, "sms": null}')
    assert state.title == "state ← /state: 3 → waiting"
    assert state.detail == (
        "after nothing at s · map: “3” → “PENDING” · state: statusMapping: “PENDING” → “waiting”"
    )
    assert (code.title, code.tone) == ("code: nothing at sms", "todo")
    (state, code) = told('{"state": "PENDING", "sms": "a1-2"}')
    assert state.title == "state ← /state: PENDING → received"
    assert (code.title, code.detail) == (
        "code ← /sms: a1-2 → 12",
        "digits: “a1-2” → “12”",
    )


def test_outputs_stand_beside_what_was_expected() -> None:
    found = lab_trace.verdicts(
        {"ok": {"balance": "1.50", "currency": "USD"}},
        {"ok": {"balance": "1.5", "currency": "EUR", "skipped": 0}},
    )
    assert [(v.name, v.same) for v in found] == [("balance", True), ("currency", False)]
    alone = lab_trace.verdicts(None, {"error": "no_numbers"})
    assert [(v.name, v.got, v.same) for v in alone] == [("error", "no_numbers", True)]


def test_the_form_points_into_the_document() -> None:
    groups = lab_form.groups(CONFIG, "buy")
    by_title = {group.title: group for group in groups}
    assert [item.value for item in by_title["Request"].items] == ["", "/{service}"]
    fields = by_title["Reply: fields"].items
    assert [(f.key, f.value, f.pointer) for f in fields] == [
        ("id", "id", "/mappings/buy/fields/id"),
        ("phoneNumber", "tel", "/mappings/buy/fields/phoneNumber"),
    ]
    assert lab_form.operations(CONFIG) == ["buy"]
    assert lab_form.variables(CONFIG, "buy") == ["service", "country"]
    assert lab_form.groups(None, "buy") == []
    told = _told('{"data": {"id": 7}}')
    place = lab_form.fields_place(CONFIG, "buy", told)
    assert place == "/mappings/buy/fields"
    assert lab_form.field_place(CONFIG, place, "buy", "phone") == f"{place}/phoneNumber"
    assert lab_form.field_place(CONFIG, place, "buy", "cost") == f"{place}/cost"
