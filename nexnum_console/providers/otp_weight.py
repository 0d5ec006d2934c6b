"""How much speaks for a number or a word being the code of a message, and how much against it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from nexnum_console.providers import otp_things as things
from nexnum_console.providers import otp_words as words
from nexnum_console.providers.otp_looks import Candidate

REACH = 48
REACH_TIED = 160
NAME, _DEED = 10.0, 5.0
_PROMOTION: Final = re.compile(r"[^\W\d_]{2,}\d{0,4}")
# "SUMMER25": random letters seldom stand so.
_WORD_AND_NUMBER: Final = re.compile(r"[^\W\d_]{4,}\d{1,4}")
_LITTLE_WORD: Final = re.compile(r"[A-Z]{2,3}(?!20\d\d)\d{3,4}")
# "SM-A525F" may be the name of a device.
_MODEL: Final = re.compile(r"[A-Z\d-]*(?:[A-Z]\d|\d[A-Z])")
# Groups that nobody writes so but where a code is called one.
_ODD: Final = re.compile(
    r"\d{3,4} \d|\d{3} \d\d \d{3}|\d \d{3}|\d-\d-\d{3,5}|\d{4}[ -]\d{4}[ -]\d{2}"
)
_COLON: Final = re.compile(r"[:：]\s?$")
_ASIDE: Final = re.compile(r"\([^()\n]*\)")
_DATE: Final = re.compile(r"(?:0[1-9]|[12]\d|3[01])([- ])(?:0[1-9]|1[0-2])\1\d\d")
# From here on a code is called one; from there on it is at least asked for.
_NAMED = 8.0
_TOLD = 3.5
_BARELY = 2.0
# So much weighs only the name itself, just before it.
_LINKED = 12.0
_SHORT_NUMBER: Final = 6
_THAI, _THAI_YEAR = re.compile("[\u0e01-\u0e3a]"), re.compile(r"25[67]\d")
OF_DIGITS: Final = frozenset({"digits", "grouped"})
_SHORT = 60
_UNSAID = 3.5
_FEW_WORDS = 4
_CLAUSE_END: Final = re.compile(r"[.!?](?=\s|$)|[。！？\n(]")
# After the name of a code: most likely what it names.
_ITS_OWN: Final = re.compile(r"\d{4}|[A-Z]\d|\d[A-Z]")
_NEXT = 24
_LETTER: Final = re.compile(r"\w|\x1f")
_OPENS: Final = tuple('[<«“„"「『【*')
# "Don't" is not the Vietnamese "don", an order.
_GOES_ON: Final = re.compile(r"['’][^\W\d]")
# Numbers of three digits and more, and whatever was hidden.
_NUMBER: Final = re.compile(r"\x1f+|\d(?:[\d .,-]*\d)?\d")
# "αρ. 20250114" goes on.
SENTENCE_END: Final = re.compile(
    r"(?<!\b[^\W\d]\w)(?<!\b[^\W\d])\.(?=\s)|(?<!\b[DM]r)\.(?=\s\D|$)|[!?;](?=\s|$)|[。！？]|\n"
)
_ALONE: Final = {
    "digits": 2.0,
    "grouped": 1.5,
    "prefixed": 2.5,
    "mixed": -5.0,
    "letters": -9.0,
    "short": -2.0,
    "loose": 0.0,
}
_BY_LENGTH: Final = {4: 1.0, 5: 1.0, 6: 2.0, 7: 0.5, 8: 0.5, 9: -3.0, 10: -4.0}


# Words that speak for a code: start, end, strength.
_Said = list[tuple[int, int, float]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the words of a message say, found once; spans are starts and ends."""

    said: _Said
    others: list[tuple[int, int]]
    things: list[tuple[int, int]]
    trade: bool
    discount: bool
    numbers: int


def _lower(text: str) -> str:
    """In lower case and of the same length: a dotted capital I would become two characters."""
    return text.replace("İ", "i").lower()


def listen(text: str, *, discount: bool) -> Spoken:
    """What a text says about its numbers; ``discount`` where it speaks of percents."""
    lower = _lower(text)
    names, others = [], []
    for start, end in words.NAMES.spans(lower):
        after = things.OTHER_AFTER.match(text, end)
        if after or (" " not in lower[start:end] and _is_of_another_kind(text, start)):
            others.append((start, after.end() if after else end))
        else:
            names.append((start, end, NAME))
    deeds = [(start, end, _DEED) for start, end in words.DEEDS.spans(lower)]
    return Spoken(
        said=names + deeds,
        others=others,
        things=things.THINGS.spans(lower),
        trade=bool(things.TRADE.spans(lower)),
        discount=discount,
        numbers=len(_NUMBER.findall(text)),
    )


def _is_of_another_kind(text: str, start: int) -> bool:
    return bool(
        things.OTHER_BEFORE.search(text[max(0, start - 20) : start])
        or things.OTHER_WITHIN.match(text, start)
    )


def weigh(text: str, candidate: Candidate, spoken: Spoken) -> float:
    """What speaks for it less what speaks against it; the more the likelier."""
    named = _announced(text, candidate, spoken.said)
    said_after = _explained(text, candidate, spoken.said)
    if candidate.kind != "letters" or words.IS_YOUR.match(text, candidate.end):
        named = max(named, said_after)
    weight = _ALONE[candidate.kind] + named + by_form(candidate, named)
    doubt = something_else(text, candidate, spoken, named)
    weight -= doubt
    if named <= 0:
        weight -= min(max(0, spoken.numbers - 2) * 2.0, 6.0)
        weight -= 0 if _stands_out(text, candidate, spoken) else _UNSAID
    if text[candidate.start - 1 : candidate.start] in _OPENS:
        weight += 2
    if candidate.kind == "prefixed" and not text[: candidate.start].strip():
        weight += 2
    if not doubt and len(text) < _SHORT and text[: candidate.start].rstrip().endswith((":", "：")):
        weight += 6
    if spoken.trade and (named < _TOLD or _is_of_a_journey(text, candidate)):
        weight -= 6
    if _is_promotion(candidate, spoken, named):
        weight -= 12
    start = text.rfind("\n", 0, candidate.start) + 1
    line = text[start:].split("\n", 1)[0].strip(" .:#<>[]()*'\"")
    if line == candidate.written and candidate.kind != "letters":
        weight += 4
    return weight


def _is_of_a_journey(text: str, candidate: Candidate) -> bool:
    """Airlines and hotels call a booking's letters a confirmation."""
    if candidate.kind in OF_DIGITS:
        return False
    return bool(things.CONFIRMATION.search(text, 0, candidate.start))


def _is_promotion(candidate: Candidate, spoken: Spoken, named: float) -> bool:
    if candidate.kind in OF_DIGITS:
        return False
    if spoken.discount or _WORD_AND_NUMBER.fullmatch(candidate.written):
        return True
    if named > NAME and _LITTLE_WORD.fullmatch(candidate.written):
        return False
    return spoken.trade and bool(_PROMOTION.fullmatch(candidate.written))


def _stands_out(text: str, candidate: Candidate, spoken: Spoken) -> bool:
    """Whether a message shows a number as its matter without a word for it."""
    if candidate.kind in {"grouped", "prefixed"}:
        return True
    before = text[: candidate.start].rstrip()
    if not _LETTER.search(before) or before.endswith((":", "：", "/", ">", "»", " -", *_OPENS)):
        return True
    if spoken.numbers == 1 and not before.endswith(",") and len(text.split()) <= _FEW_WORDS:
        return True
    starts = [found.end() for found in _CLAUSE_END.finditer(text, 0, candidate.start)]
    after = _CLAUSE_END.search(text, candidate.end)
    clause = text[starts[-1] if starts else 0 : after.start() if after else len(text)]
    return len(clause.split()) <= _FEW_WORDS - 2


def _announced(text: str, candidate: Candidate, said: _Said) -> float:
    """What the words before a candidate say for it: ``code: …``, ``код …``."""
    best = 0.0
    for _, end, strength in said:
        away = candidate.start - end
        if not 0 <= away <= REACH_TIED:
            continue
        gap = text[end : candidate.start]
        linked = words.LINK.fullmatch(gap)
        breaks = len(SENTENCE_END.findall(gap.rstrip("\n") if linked else gap))
        if not linked and strength == NAME and not breaks and words.TIE.search(gap):
            best = max(best, strength + 1.5 - away / 32)
            continue
        if away > REACH:
            continue
        rival = 0 if linked else bool(re.search(r"\d{4}", gap)) * 4
        nearness, per_break = (4.0, 3) if linked else (-away / 8, 6)
        if not linked:
            nearness += 1.5 * bool(words.WITH.search(gap)) + 2.0 * bool(_COLON.search(gap))
        best = max(best, strength + nearness - per_break * breaks - rival)
    return best


def _explained(text: str, candidate: Candidate, said: _Said) -> float:
    """What the words after a candidate say for it: ``… is your code``."""
    best = 0.0
    first = not _LETTER.search(text[: candidate.start])
    for start, end, strength in said:
        if not 0 <= start - candidate.end <= (REACH_TIED if first else REACH):
            continue
        gap = _ASIDE.sub("", text[candidate.end : start])
        linked = words.LINK_BACK.fullmatch(gap) and "\n" not in gap
        breaks = len(SENTENCE_END.findall(gap))
        rival = bool(re.search(r"\d{4}|\d{3} \d{3}", gap)) * 6
        if breaks and _ITS_OWN.search(text, end, end + _NEXT):
            linked = None
        worth = strength - 2
        # What a message begins with is its matter, however long the sentence.
        far = min(len(gap) / 8, 4.0) if first and strength == NAME else len(gap) / 8
        best = max(best, worth + (3 if linked else -far) - 4 * breaks - rival)
    return best


def by_form(candidate: Candidate, named: float) -> float:
    """What its look alone says; ``named`` is how much the words around it speak for it."""
    if candidate.kind == "prefixed":
        if re.match(r"[A-Z]-\d", candidate.written):
            return 0.0
        return -4.0 if named < _TOLD and _MODEL.match(candidate.written) else -2.0
    if candidate.kind in {"mixed", "letters"}:
        return _by_letters(candidate.written)
    if candidate.kind == "loose":
        return 0.0 if named >= _TOLD else -20.0
    if candidate.kind == "short" and named < _LINKED:
        return -20.0
    size = sum(character.isalnum() for character in candidate.written)
    weight = _BY_LENGTH.get(size, 0.0) - 6 * (size > 8 and named < _TOLD)
    if candidate.kind == "grouped" and size in {4, 5} and named < _NAMED:
        weight -= 4
    if _ODD.fullmatch(candidate.written) and named < _LINKED - 2:
        weight -= 9
    if named < _NAMED and _DATE.fullmatch(candidate.written):
        weight -= 6
    if candidate.kind == "digits" and re.fullmatch(r"(?:19|20)\d\d", candidate.written):
        weight -= 4
    return weight


def _by_letters(written: str) -> float:
    if not any(map(str.isdigit, written)):
        return 0.0
    weight = 0.0 if written.upper() == written else -2.0
    changes = sum(a.isdigit() != b.isdigit() for a, b in pairwise(written))
    return weight + min(changes, 3) * 0.5 - 3 * (len(written) > 8)


def something_else(text: str, candidate: Candidate, spoken: Spoken, named: float) -> float:
    """Doubt; only what is called a code overcomes that it follows the name of another thing."""
    before = text[max(0, candidate.start - REACH) : candidate.start]
    year = re.fullmatch(r"(?:19|20)\d\d", candidate.written)
    doubt = 0.0
    if things.UNIT.match(text, candidate.end):
        doubt += 12
    phone = things.PHONE_WORD.search(before)
    if phone and not (named >= _NAMED and phone[0].lower().startswith("sms")):
        # "The code for your phone 6403": so short is no phone number.
        doubt += 4 if named >= _TOLD and len(candidate.code) <= _SHORT_NUMBER else 9
    if things.REPLY_TO.search(before):
        doubt += 18
    if _belongs_to_a_thing(text, candidate, spoken):
        doubt += 4 if named >= NAME else 8 if named >= _NAMED else 14
    if any(
        end <= candidate.start and words.LINK.fullmatch(text, end, candidate.start)
        for _, end in spoken.others
    ):
        doubt += 9
    if named < _BARELY and things.NUMBER_WORD.search(before):
        doubt += 9
    if year and (named < _NAMED and things.WORD_AFTER.match(text, candidate.end)):
        doubt += 4
    if _THAI_YEAR.fullmatch(candidate.written) and _THAI.search(text):
        doubt += 8
    if year and things.YEAR_WORD.search(before):
        doubt += 4
    return doubt


def _belongs_to_a_thing(text: str, candidate: Candidate, spoken: Spoken) -> bool:
    if things.THING_AFTER.match(text, candidate.end):
        return True
    if things.NUMBER_SIGN.search(text[max(0, candidate.start - 6) : candidate.start]):
        return True
    for _, end in spoken.things:
        if not 0 <= candidate.start - end <= REACH or _GOES_ON.match(text, end):
            continue
        if things.THING_GAP.fullmatch(text, end, candidate.start):
            return True
        # "Order for the shop: 4821", but not "for your account type this: 4821".
        between = any(end <= start < candidate.start for start, _, _ in spoken.said)
        if not between and things.THING_TIE.fullmatch(text, end, candidate.start):
            return True
    return False
