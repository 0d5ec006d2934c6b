"""What a valid config may still regret: warnings, each with its place, rule and cure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from nexnum_console.providers import grammar
from nexnum_console.providers.authenticate import sent_with
from nexnum_console.providers.compile import operation_name, replies_of, routes_of
from nexnum_console.providers.errors import GONE
from nexnum_console.providers.fields import declared
from nexnum_console.providers.fixed import EVERY, FIXED
from nexnum_console.providers.loading import Checked, Teller
from nexnum_console.providers.normal import state_name
from nexnum_console.providers.parts import Part
from nexnum_console.providers.patterns import pattern
from nexnum_console.providers.positions import Path
from nexnum_console.providers.problems import Problem, in_order
from nexnum_console.providers.rules import pattern_code
from nexnum_console.providers.templates import VARIABLE_NAMES
from nexnum_console.providers.vocabulary import EFFECTS, SALES, STATES
from nexnum_console.providers.wording import SECRET_KEY

_VARIABLE = re.compile(r"[$@]([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\?|\|[^{}]*)?\}")
_NEEDED: Final = {
    "buy": ("country", "service"),
    "status": ("id",),
    "cancel": ("id",),
    "finish": ("id",),
    "resend": ("id",),
    "ban": ("id",),
}


class Lint(NamedTuple):
    """``path`` is logical, as that of a Fault."""

    path: Path
    rule: str
    message: str
    cure: str
    at_key: bool = True


Rule = Callable[[grammar.ProviderConfig], Iterator[Lint]]


def lint(checked: Checked, source_name: str) -> list[Problem]:
    """Warnings of a config that is valid, in file order."""
    if checked.config is None:
        return []
    found = [each for rule in RULES for each in rule(checked.config)]
    return told(checked, source_name, found)


def told(checked: Checked, source_name: str, lints: list[Lint]) -> list[Problem]:
    """Lints with line, column and excerpt."""
    teller = Teller(checked.document, source_name)
    return in_order(
        teller.warning(each.path, each.rule, each.message, each.cure, at_key=each.at_key)
        for each in lints
    )


def routes(config: grammar.ProviderConfig) -> Iterator[tuple[str, Path, grammar.Route]]:
    """Every request of a config: operation, its place, the route."""
    for written, endpoint in config.endpoints.items():
        several = isinstance(endpoint, grammar.Routes)
        for index, route in enumerate(routes_of(endpoint)):
            inner: Path = ("routes", index) if several else ()
            yield operation_name(written), ("endpoints", written, *inner), route


def replies(config: grammar.ProviderConfig) -> Iterator[tuple[str, Path, grammar.Reply]]:
    """Every reply of a config: operation, its place, the reply."""
    for written, mapping in config.mappings.items():
        several = isinstance(mapping, grammar.Replies)
        for index, reply in enumerate(replies_of(mapping)):
            inner: Path = ("replies", index) if several else ()
            yield operation_name(written), ("mappings", written, *inner), reply


def _http(config: grammar.ProviderConfig) -> Iterator[Lint]:
    if config.base_url.startswith("http:"):
        message = "the base URL is plain http: everyone on the way reads the key"
        cure = "write https; http is only sent where an account allows it"
        yield Lint(("baseUrl",), "http-scheme", message, cure, at_key=False)


def _key_in_url(config: grammar.ProviderConfig) -> Iterator[Lint]:
    message = "the key travels in the URL, where proxies and the provider's logs keep it"
    cure = "if the provider takes a header, use auth of type header or bearer"
    for index, auth in enumerate(config.auths()):
        if auth.type == "query_param":
            where: Path = ("auth", index) if isinstance(config.auth, list) else ("auth",)
            place = ("authType",) if config.auth is None else where
            yield Lint(place, "key-in-url", message, cure)
    for _, where, route in routes(config):
        if "secret" in used(route.path):
            yield Lint((*where, "path"), "key-in-url", message, cure, at_key=False)
        for name, value in route.query_params.items():
            if used(value) & {"secret", "token"}:
                yield Lint((*where, "queryParams", name), "key-in-url", message, cure)
        for key, table in (("queryParams", route.query_params), ("headers", route.headers)):
            for name, value in table.items():
                if SECRET_KEY.search(name) and _literal(value):
                    said = f"“{name}” looks like a key written into the config"
                    fix = "remove it here and say under “auth” how the key travels"
                    yield Lint((*where, key, name), "key-in-url", said, fix)


def _form_key_on_get(config: grammar.ProviderConfig) -> Iterator[Lint]:
    forms = [auth for auth in config.auths() if auth.type == "form_param"]
    for operation, where, route in routes(config):
        carried = any(sent_with(config, auth, operation) for auth in forms)
        if carried and route.authenticated and route.method == "GET":
            message = "the key is a field of the body, and a GET request carries none"
            cure = "write the method that the provider takes, as POST, or another way under “auth”"
            yield Lint(where, "key-in-get-body", message, cure)


def _literal(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and not _VARIABLE.search(value)


def _price_cap(config: grammar.ProviderConfig) -> Iterator[Lint]:
    for operation, where, route in routes(config):
        # What is sold again costs what its provider asks: no dialect has a cap for it.
        spends = (route.effect or EFFECTS[operation]) == "spend" and operation != "reuse"
        if spends and "max_price" not in used(route):
            message = f"“{operation}” spends without a price cap: $maxPrice is not sent"
            cure = "send $maxPrice in the parameter by which the provider limits the price"
            yield Lint(where, "no-price-cap", message, cure)


def _no_listing(config: grammar.ProviderConfig) -> Iterator[Lint]:
    written = {operation_name(name): name for name in (*config.mappings, *config.endpoints)}
    if "buy" in written and "active" not in written:
        message = (
            "“buy” has no “active” beside it: whether a lost answer sold a number, no call tells"
        )
        cure = (
            "add “active”, the list of live numbers, if the provider has one; without it the money"
            " of such a purchase stays held until a person settles it"
        )
        yield Lint(("endpoints", written["buy"]), "no-listing", message, cure)


def _variables(config: grammar.ProviderConfig) -> Iterator[Lint]:
    everywhere = set[str]()
    constant = {
        name
        for op, _, reply in replies(config)
        if op == "prices" or op in SALES
        for name in reply.constants
    }
    for operation, where, route in routes(config):
        sent = used(route)
        everywhere |= sent
        for name in _NEEDED.get(operation, ()):
            if name not in sent and name not in constant:
                message = f"“{operation}” is called with {name}, and the request never uses it"
                cure = f"send ${name} in path, query or body, or a constant where there is one only"
                yield Lint(where, "unused-variable", message, cure)
    for name in config.value_maps:
        if name not in everywhere:
            message = f"no request uses {name}: this value map is never read"
            cure = f"remove it, or send ${name}"
            yield Lint(("valueMaps", name), "unused-value-map", message, cure)


def used(part: Any) -> set[str]:
    """Our names of all variables that a part of a config speaks of in templates."""
    if isinstance(part, str):
        names = (found[1] or found[2] for found in _VARIABLE.finditer(part))
        return {VARIABLE_NAMES[name] for name in names if name in VARIABLE_NAMES}
    if isinstance(part, dict):
        return set().union(*(used(each) for pair in part.items() for each in pair))
    if isinstance(part, list | tuple):
        return set().union(*map(used, part))
    return used(part.model_dump()) if isinstance(part, Part) else set()


def _statuses(config: grammar.ProviderConfig) -> Iterator[Lint]:
    """A word for the end of an activation that no table knows is not understood."""
    listing = config.status_from
    telling = listing.operation if listing else "status"
    asked = [(where, reply) for op, where, reply in replies(config) if op == telling]
    if not asked:
        return
    known = {listing.absent} & set(STATES) if listing else set[str]()
    for _, reply in asked:
        known |= {table["state"] for table in reply.words.values() if "state" in table}
        known |= {reply.constants[name] for name in ("state", "status") if name in reply.constants}
        known |= {reply.absent} & set(STATES) if reply.absent else set()
    where = asked[0][0][:2]
    if not any(_reads_word(telling, reply) for _, reply in asked):
        yield from _ends_as_error(config, where, known)
        return
    tables = [config.statuses, *(reply.status_mapping for _, reply in asked)]
    states = {state_name(word) for word in known.union(*(table.values() for table in tables))}
    cure = "add the provider's word to “statuses”, or to “statusMapping” of the reply"
    if "cancelled" not in states:
        yield Lint(where, "no-terminal-status", "no word of the provider means cancelled", cure)
    if not states & {"finished", "expired"}:
        message = "no word of the provider means finished or expired"
        yield Lint(where, "no-terminal-status", message, cure)


def _reads_word(operation: str, reply: grammar.Reply) -> bool:
    """Whether the state is a word of the answer, and not what its shape stands for."""
    origin = declared(reply, operation).get("state", "=")
    written = origin if isinstance(origin, str) else origin.source
    return reply.type == "text_words" or not written.startswith("=")


def _ends_as_error(config: grammar.ProviderConfig, where: Path, known: set[str]) -> Iterator[Lint]:
    """Where shapes stand for states, a shape or an error has to tell that it is over."""
    heard = [errors for at, errors in error_places(config) if at[0] == "errors" or at[:2] == where]
    codes = {code for errors in heard for code in errors.words.values()}
    codes |= {rule.code for errors in heard for rule in errors.rules}
    codes |= {pattern_code(name) for errors in heard for name in errors.patterns}
    over = {state_name(word) for word in known} & {"cancelled", "finished", "expired"}
    if not over and codes.isdisjoint(GONE):
        message = "neither a state nor an error tells that an activation is over"
        cure = "map the answer for one that ended to activation_expired, _closed or _not_found"
        yield Lint(where, "no-terminal-status", message, cure)


def _outputs(config: grammar.ProviderConfig) -> Iterator[Lint]:
    """An operation whose replies all lack what it is asked for."""
    given: dict[str, set[str]] = {}
    places: dict[str, Path] = {}
    apart = {
        operation_name(written): mapping.follow.operation
        for written, mapping in config.mappings.items()
        if isinstance(mapping, grammar.Replies) and mapping.follow
    }
    for operation, where, reply in replies(config):
        outputs = set(declared(reply, operation))
        outputs |= {"code", "text"} if reply.messages else set()
        outputs |= {name for table in reply.words.values() for name in table}
        given[operation] = given.get(operation, set()) | outputs
        places.setdefault(operation, where[:2])
    for operation in ("status", "webhook"):
        told = given.get(operation, set()) | given.get(apart.get(operation, ""), set())
        if operation in given and not told & {"code", "text", "sms", "message"}:
            message = f"no reply of “{operation}” reads “code” or “text”: no SMS ever arrives"
            cure = "add “code” or “text” to “fields”, or “messages” for a list of SMS"
            yield Lint(places[operation], "missing-output", message, cure)


def _homeless_prices(config: grammar.ProviderConfig) -> Iterator[Lint]:
    """A fixed price of every country or service, where nothing lists them."""
    listed = {operation for operation, _, _ in replies(config)}
    for operation, where, reply in replies(config):
        for name, listing, _ in EVERY if operation == "prices" and reply.type == FIXED else ():
            lacking = [i for i, row in enumerate(reply.rows) if name not in row]
            if lacking and listing not in listed and name not in reply.constants:
                message = (
                    f"the price is that of every {name}, and nothing lists them: it is not sold"
                )
                cure = f"add “{listing}” to “mappings”, fixed or asked, or “{name}” to the row"
                yield Lint((*where, "rows", lacking[0]), "price-of-nothing", message, cure)


def _unreachable(config: grammar.ProviderConfig) -> Iterator[Lint]:
    before: dict[str, list[tuple[int, grammar.Reply]]] = {}
    for operation, where, reply in replies(config):
        for number, other in before.setdefault(operation, []):
            if _same_shape(other, reply):
                message = f"reply {number} has the same conditions and structure and is tried first"
                cure = "remove it, or tell them apart with “match”, “requires” or “httpStatus”"
                yield Lint(where, "unreachable-reply", message, cure, at_key=False)
                break
        before[operation].append((len(before[operation]) + 1, reply))
    earlier: dict[str, list[grammar.Route]] = {}
    for operation, where, route in routes(config):
        for number, sent in enumerate(earlier.setdefault(operation, []), start=1):
            if _sent_first(sent, route):
                message = f"request {number} is sent whenever this one could be"
                cure = "put the one with more conditions first, or give “requires” or “unless”"
                yield Lint(where, "unreachable-route", message, cure, at_key=False)
                break
        earlier[operation].append(route)


def _sent_first(early: grammar.Route, late: grammar.Route) -> bool:
    """Whether the earlier request is chosen whenever the later one could be."""
    if late.after:
        return False  # a fallback, sent when the one before it was refused
    whens = all(set(late.when.get(name, ())) <= set(early.when[name]) for name in early.when)
    known = all(late.when.get(name) for name in early.when)
    conditions = set(early.requires) <= set(late.requires) and set(early.unless) <= set(late.unless)
    return conditions and whens and known and not early.after


def _same_shape(one: grammar.Reply, other: grammar.Reply) -> bool:
    loose = {"constants", "transform", "status_mapping", "errors"}
    return one.model_dump(exclude=loose) == other.model_dump(exclude=loose)


def _shadowed_words(config: grammar.ProviderConfig) -> Iterator[Lint]:
    for where, errors in error_places(config):
        for word, code in errors.words.items():
            for number, rule in enumerate(errors.rules, start=1):
                if rule.code != code and _catches(rule, word):
                    message = f"rule {number} answers “{word}” first, as {rule.code}"
                    cure = "remove the word, or make the rule stricter"
                    yield Lint((*where, "words", word), "shadowed-word", message, cure)
                    break
            if where[0] == "mappings" and word.casefold() in _words_read(config, where[:2]):
                message = f"a reply of type text_words reads “{word}” first, and it is no error"
                cure = "remove the word here, or there"
                yield Lint((*where, "words", word), "shadowed-word", message, cure)


def _words_read(config: grammar.ProviderConfig, mapping: Path) -> set[str]:
    """The words that an operation's replies always take."""
    found = [reply for _, where, reply in replies(config) if where[:2] == mapping]
    return {
        word.casefold()
        for reply in found
        if reply.type == "text_words" and not (reply.requires or reply.unless or reply.when)
        for word in reply.words
    }


def _catches(rule: grammar.ErrorRule, word: str) -> bool:
    """Whether a rule on the whole answer also catches an answer that is this word."""
    if rule.path is not None or rule.status is not None or rule.empty is not None:
        return False
    said = [rule.text, rule.contains, rule.regex]
    tests = [
        rule.text is None or rule.text.casefold() == word.casefold(),
        rule.contains is None or rule.contains.casefold() in word.casefold(),
        rule.regex is None or bool(pattern(rule.regex).search(word)),
    ]
    return any(each is not None for each in said) and all(tests)


def error_places(config: grammar.ProviderConfig) -> Iterator[tuple[Path, grammar.Errors]]:
    """Every place that says how refusals look, from the shared one to single replies."""
    yield ("errors",), config.errors
    for written, mapping in config.mappings.items():
        if isinstance(mapping, grammar.Replies):
            yield ("mappings", written, "errors"), mapping.errors
    for _, where, reply in replies(config):
        if reply.errors:
            yield (*where, "errors"), reply.errors


RULES: Final[tuple[Rule, ...]] = (
    _http,
    _key_in_url,
    _form_key_on_get,
    _price_cap,
    _no_listing,
    _variables,
    _statuses,
    _outputs,
    _homeless_prices,
    _unreachable,
    _shadowed_words,
)
