"""The code inside an SMS text, where the provider gives only the text.

Every number or word that could be a code is weighed by what stands around it; the heaviest wins,
and a text in which nothing weighs enough has none.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from nexnum_console.providers import otp_manner as manner
from nexnum_console.providers import otp_things as things
from nexnum_console.providers import otp_words as words
from nexnum_console.providers.otp_looks import (
    BOUND,
    Candidate,
    candidates,
    loose,
    plain,
    without_other_things,
)
from nexnum_console.providers.otp_weight import (
    NAME,
    OF_DIGITS,
    REACH,
    REACH_TIED,
    SENTENCE_END,
    Spoken,
    by_form,
    listen,
    something_else,
    weigh,
)

TEXT_MAX = 2_000
CANDIDATES_MAX = 40
ENOUGH = 1.0
# Shorter numbers are streets, trains and hotlines as well.
_LIKELY: Final = range(6, 9)
_FIRST: Final = re.compile(r"[A-Za-z\d]")


def extract(text: str) -> str | None:
    """The code of an SMS, digits in ASCII; None where the text has none.

    ``123-456``, ``938 201`` and ``12 34 56`` lose their separators; ``G-482193`` and ``ABC-123``
    stay as written. Only the first 2,000 characters are read.
    """
    readable = plain(text[:TEXT_MAX])
    bound = BOUND.search(readable)
    if bound:
        return bound[1]
    visible = without_other_things(readable)
    spoken = listen(visible, discount="%" in readable or "٪" in readable)
    best: tuple[bool, float] = False, 0.0
    code = None
    for candidate in _all(visible, spoken):
        weight = weigh(visible, candidate, spoken)
        # One that holds no more is told only where there is no other.
        rank = not _holds_no_more(visible, candidate), weight
        if weight >= ENOUGH and (code is None or rank > best):
            best, code = rank, candidate.code
    return code or _only_number(readable, visible, spoken)


def _all(visible: str, spoken: Spoken) -> list[Candidate]:
    """What could be the code; of two that overlap the one that its name stands beside."""
    named = _beside_a_name(visible, spoken)
    usual = islice(candidates(visible), CANDIDATES_MAX)
    return named + [
        one for one in usual if all(one.end <= n.start or n.end <= one.start for n in named)
    ]


def _beside_a_name(visible: str, spoken: Spoken) -> list[Candidate]:
    """What stands where a code is announced, or before "is your", however it is grouped."""
    places = set()
    for _, end, strength in spoken.said[:CANDIDATES_MAX]:
        gap = words.LINK.match(visible, end)
        if gap and gap.end() > end:
            places.add(gap.end())
        if strength == NAME:
            stop = SENTENCE_END.search(visible, end)
            far = min(end + REACH_TIED, stop.start() if stop else len(visible))
            places.update(tie.end() for tie in words.TIED.finditer(visible, end, far))
    found = [one for place in sorted(places) if (one := loose(visible, place))]
    first = _FIRST.search(visible)
    candidate = loose(visible, first.start()) if first else None
    if candidate is not None and words.IS_YOUR.match(visible, candidate.end):
        found.append(candidate)
    return [one for one in found if not things.UNIT.match(visible, one.end)]


def _only_number(readable: str, visible: str, spoken: Spoken) -> str | None:
    """The one number of a message that speaks as those with a code do, whatever it calls it."""
    if not manner.is_of_a_code(readable):
        return None
    found = [
        candidate
        for candidate in islice(candidates(visible), CANDIDATES_MAX)
        if candidate.kind in OF_DIGITS and not something_else(visible, candidate, spoken, 0.0)
    ]
    code = found[0].code if len(found) == 1 else ""
    return code if len(code) in _LIKELY and by_form(found[0], 0.0) > 0 else None


def _holds_no_more(text: str, candidate: Candidate) -> bool:
    """Whether the message says so, as of a code before this one."""
    before = text[max(0, candidate.start - REACH) : candidate.start]
    return bool(words.VOID_BEFORE.search(before) or words.VOID_AFTER.match(text, candidate.end))
