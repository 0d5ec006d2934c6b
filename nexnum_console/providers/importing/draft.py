"""What an import gives: a config to go on with, and everything that it could not know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.importing.credentials import Credentials, SecretFound
from nexnum_console.providers.importing.sample import Answer, Sample
from nexnum_console.providers.loading import check_config
from nexnum_console.providers.problems import Problem
from nexnum_console.providers.replay import result_of

_ROUNDS = 12


class Open(NamedTuple):
    """A point that a person has to settle. ``pointer`` is where in the draft, "" for the whole."""

    pointer: str
    what: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.what}"


@dataclass
class Draft:
    """A config as data. ``evidence`` says for each operation which call it comes from.

    ``recordings`` are the real exchanges of the source in the form of
    ``provider_configs/recordings``, keys taken out, with what the draft makes of them.
    """

    config: dict[str, Any]
    unknowns: list[Open] = field(default_factory=list)
    secrets: list[SecretFound] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The config as its file holds it."""
        return json.dumps(self.config, ensure_ascii=False, indent=2) + "\n"


def settle(draft: Draft) -> Draft:
    """Take out what does not pass validation, and say so; then read the recordings with it."""
    for _ in range(_ROUNDS):
        checked = check_config(draft.text, "draft")
        draft.problems = checked.problems
        if checked.config is not None or not _take_out(draft):
            break
    if checked.config is None:
        draft.unknowns += [Open(p.pointer, f"{p.message}. {p.cure}") for p in draft.problems]
        return draft
    compiled = compile_config(checked.config)
    for recording in draft.recordings:
        recording["expected"] = _kept(result_of(compiled, recording))
        if recording["expected"].get("error") == "parse_error":
            what = f"an answer is not understood yet: “{_start(recording)}”"
            draft.unknowns.append(Open(f"/mappings/{recording['operation']}", what))
    return draft


def _take_out(draft: Draft) -> bool:
    """Remove one operation that is at fault; the point is open then. False where none is."""
    for problem in draft.problems:
        steps = problem.pointer.split("/")[1:]
        if len(steps) < 2 or steps[0] not in {"endpoints", "mappings"}:
            continue
        name = steps[1].replace("~1", "/").replace("~0", "~")
        for place in ("endpoints", "mappings"):
            draft.config[place].pop(name, None)
        draft.evidence.pop(name, None)
        draft.recordings = [r for r in draft.recordings if r["operation"] != name]
        draft.unknowns.append(Open("", f"“{name}” was left out: {problem.message}. {problem.cure}"))
        return True
    return False


def _kept(found: Mapping[str, Any]) -> dict[str, Any]:
    if "ok" in found:
        dropped = {"skipped", "messages"}
        return {"ok": {key: value for key, value in found["ok"].items() if key not in dropped}}
    return {key: value for key, value in found.items() if key != "message"}


def _start(recording: Mapping[str, Any]) -> str:
    return " ".join(str(recording["response"]["body"]).split())[:120]


def recording(
    operation: str,
    number: int,
    sample: Sample,
    answer: Answer,
    known: Credentials,
    source: str,
) -> dict[str, Any]:
    """A real exchange as a recording, keys taken out; ``expected`` is set by ``settle``."""
    body = None if sample.fields is None else {n: known.clean(v) for n, v in sample.fields}
    return {
        "id": f"{operation}-{number:03}",
        "operation": operation,
        "request": {
            "method": sample.method,
            "path": known.clean(sample.path or "/"),
            "query": {name: known.clean(value) for name, value in sample.query},
            "headers": {},
            "body": body,
        },
        "response": {
            "status": answer.status,
            "headers": {k: v for k, v in answer.headers.items() if k == "content-type"},
            "body": known.clean(answer.body),
        },
        "expected": {"error": "parse_error"},
        "evidence": "live",
        "source": source,
    }
