"""Dialects that many providers speak: a shipped config is a better base than any guess."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.importing import lexicon
from nexnum_console.providers.importing.answers import reading
from nexnum_console.providers.importing.credentials import Credentials
from nexnum_console.providers.importing.draft import Draft, Open, recording
from nexnum_console.providers.importing.sample import Sample
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.rules import judge

# Actions of the SMS-Activate dialect and the operation each is.
_ACTIONS: Final = {
    "getbalance": "balance", "getcountries": "countries", "getserviceslist": "services",
    "getoperators": "operators", "getprices": "prices", "getnumber": "buy", "getstatus": "status",
    "getactiveactivations": "active", "getpricesv2": "prices", "getpricesv3": "prices",
    "getnumberv2": "buy", "getstatusv2": "status", "getpricesbyservice": "prices",
    "getnumbersstatus": "prices", "gettopcountriesbyservice": "prices",
}  # fmt: skip
_SET_STATUS: Final = {"8": "cancel", "6": "finish", "3": "resend"}
_ANSWER = re.compile(
    r"(ACCESS_(NUMBER|BALANCE|CANCEL|ACTIVATION|READY|RETRY_GET)|STATUS_(OK|WAIT_CODE|WAIT_RETRY|"
    r"WAIT_RESEND|CANCEL)|NO_NUMBERS|NO_BALANCE|BAD_KEY|NO_ACTIVATION|BAD_ACTION)\b"
)
_FIVESIM: Final = ("/user/buy/", "/user/check/", "/guest/prices", "/user/profile", "/user/cancel/")
_HANDLER: Final = "sms_activate"
_BY_HTTP: Final = ("HTTP ", "no rule")  # how a verdict names what decided, when no rule did
_KEPT: Final = frozenset({"name", "displayName", "baseUrl", "$schema"})


def family_of(samples: list[Sample]) -> str:
    """The shipped config whose dialect the calls speak, or nothing."""
    actions = {_action(each) for each in samples}
    spoken = sum(bool(_ANSWER.match(a.body)) for each in samples for a in each.answers)
    if len(actions & _ACTIONS.keys()) >= 2 or (actions & _ACTIONS.keys() and spoken):
        if "getnumberv2" in actions and "getnumber" not in actions:
            return f"{_HANDLER}_v2"
        return _HANDLER
    by_path = any("handler_api" in each.path for each in samples)
    if by_path and (actions & _ACTIONS.keys() or "setstatus" in actions):
        return _HANDLER
    paths = [each.path.lower() for each in samples]
    if sum(any(part in path for path in paths) for part in _FIVESIM) >= 2:
        return "fivesim"
    return ""


def _action(sample: Sample) -> str:
    pairs = (*sample.query, *(sample.fields or ()))
    return next((lexicon.plain(v) for n, v in pairs if n.lower() in {"action", "method"}), "")


def family_draft(
    draft: Draft,
    family: str,
    template: str,
    samples: list[Sample],
    known: Credentials,
    source: str,
) -> Draft:
    """The template with this provider's host, path and key; what was not seen is told."""
    base: dict[str, Any] = json.loads(template)
    own = {key: value for key, value in draft.config.items() if key in _KEPT}
    for key in ("description", "websiteUrl", "docsUrl", "displayName"):
        base.pop(key, None)
    draft.config = own | {key: value for key, value in base.items() if key not in own}
    if known.auth is not None:
        draft.config["auth"] = known.auth
    if family.startswith(_HANDLER):
        _move(draft.config, samples)
    seen = _seen(family, samples)
    draft.evidence = {name: each[0].label for name, each in seen.items()}
    for name in draft.config["endpoints"]:
        if name not in seen and name != "webhook":
            what = f"“{name}” comes from the config {family}; no call of the source shows it"
            draft.unknowns.append(Open(f"/endpoints/{name}", what))
    for operation, calls in seen.items():
        if operation not in draft.config["mappings"]:
            draft.unknowns.append(Open("", f"{family} has no “{operation}”, which the source has"))
            continue
        _extras(draft, operation, calls[0], known)
        _words(draft, operation, calls, known)
        draft.recordings += _recordings(operation, calls, known, source)
    draft.unknowns.append(Open("/currency", f"taken from {family}: {base.get('currency', 'USD')}"))
    return draft


def _words(draft: Draft, operation: str, calls: list[Sample], known: Credentials) -> None:
    """Refusals that were seen and that no rule of the template knows."""
    compiled = compile_config(load_config(draft.text, "draft"))
    rules = compiled.operations[operation].errors
    words = draft.config["errors"]["words"]
    for answer in (each for call in calls for each in call.answers):
        by_rule = judge(rules, Reply(answer.status, {}, answer.body)).rule
        if not by_rule.startswith(_BY_HTTP):
            continue
        for _, word in reading(operation, [answer], set()).refusals:
            code, clean = lexicon.refusal_of(word), known.clean(word)
            if code is not None and clean.casefold() not in {each.casefold() for each in words}:
                words[clean] = code
                what = f"the refusal “{clean}” was taken as {code}"
                draft.unknowns.append(Open("/errors/words", what))


def _recordings(
    operation: str, calls: list[Sample], known: Credentials, source: str
) -> list[dict[str, Any]]:
    real = [(call, answer) for call in calls for answer in call.answers if answer.real]
    return [
        recording(operation, number, call, answer, known, source)
        for number, (call, answer) in enumerate(real, start=1)
    ]


def _move(config: dict[str, Any], samples: list[Sample]) -> None:
    """The dialect's one script stands elsewhere at each provider."""
    path = next(each.path for each in samples if _action(each))
    for endpoint in config["endpoints"].values():
        for route in endpoint.get("routes", [endpoint]):
            route["path"] = path


def _seen(family: str, samples: list[Sample]) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = {}
    for sample in samples:
        operation = _operation(family, sample)
        if operation is not None:
            found.setdefault(operation, []).append(sample)
    return found


def _operation(family: str, sample: Sample) -> str | None:
    if family == "fivesim":
        parts = sample.path.lower().strip("/").split("/")
        words = {"profile": "balance", "countries": "countries", "products": "services",
                 "prices": "prices", "buy": "buy", "check": "status", "orders": "active",
                 "cancel": "cancel", "finish": "finish", "ban": "ban"}  # fmt: skip
        return next((words[part] for part in parts if part in words), None)
    action = _action(sample)
    if action == "setstatus":
        pairs = dict((*sample.query, *(sample.fields or ())))
        return _SET_STATUS.get(pairs.get("status", ""))
    return _ACTIONS.get(action)


def _extras(draft: Draft, operation: str, sample: Sample, known: Credentials) -> None:
    """Parameters that the template does not send."""
    endpoint = draft.config["endpoints"].get(operation)
    if endpoint is None or sample.path == "":
        return
    routes = endpoint.get("routes", [endpoint])
    sent = {name.lower() for route in routes for name in route.get("queryParams", {})}
    for name, value in sample.query:
        if name.lower() in known.names or name.lower() in sent or "{" in value:
            continue
        what = f"the source also sends {name}; add it to “queryParams” if it matters"
        draft.unknowns.append(Open(f"/endpoints/{operation}", what))
