"""A fault of a config, and the steps whose refusal is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from nexnum_console.providers import transforms
from nexnum_console.providers.compile import operation_name
from nexnum_console.providers.fields import UnknownOutput
from nexnum_console.providers.parts import Steps
from nexnum_console.providers.patterns import BadPattern
from nexnum_console.providers.positions import Path
from nexnum_console.providers.rules import BadStatus
from nexnum_console.providers.sources import BadSource
from nexnum_console.providers.templates import (
    UnknownVariable,
)
from nexnum_console.providers.vocabulary import (
    VARIABLE_ALIASES,
    VARIABLES,
)

PATH_CURE: Final = (
    'write names divided by points, as data.items[0].price; other names in quotes: "a-b".c'
)
_VARIABLES = (*VARIABLES, *VARIABLE_ALIASES)


@dataclass(frozen=True, slots=True)
class Fault:
    """``path`` is logical: keys in either spelling. ``word`` not found among ``known``.

    ``cure`` says what to do. In a text it is about the character ``inside`` of its ``part``.
    ``lacks``: something is not there, which may only be so because another fault hides it.
    """

    path: Path
    message: str
    word: str = ""
    known: tuple[str, ...] = ()
    at_key: bool = False
    cure: str = ""
    inside: int | None = None
    part: str = ""
    lacks: bool = False


def attempt(where: Path, work: Callable[[], object]) -> Iterator[Fault]:
    """Run a compile step and turn its refusal into a fault."""
    try:
        work()
    except UnknownVariable as error:
        yield Fault(where, str(error), error.name, _VARIABLES, part=error.name)
    except UnknownOutput as error:
        yield Fault(where, str(error), error.name, error.known, at_key=True)
    except BadPattern as error:
        yield Fault(where, str(error), cure=error.cure, inside=error.offset)
    except BadSource as error:
        yield Fault(where, str(error), cure=PATH_CURE, inside=error.offset, part=error.written)
    except BadStatus as error:
        yield Fault(where, str(error), cure="write a number as 404, or a class as 4xx")


def transform_faults(where: Path, written: Steps) -> Iterator[Fault]:
    """Names of transforms that are none, and what follows their colon but cannot be used."""
    for index, name in enumerate(transforms.steps(written)):
        place = (*where, index) if isinstance(written, list) else where
        try:
            transforms.named(name)
        except KeyError:
            known = (*transforms.NAMED, *transforms.MARKED)
            yield Fault(place, f"“{name}” is not a transform", name.partition(":")[0], known)
        except BadPattern as error:
            yield Fault(place, str(error), cure=error.cure)
        except ValueError as error:
            cure = "write a mark that fits behind the colon, as times:0.01 or replace:,=>."
            yield Fault(place, str(error), cure=cure)


def operation_of(written: str) -> str | None:
    """The operation that a config means by this name; None where there is none."""
    try:
        return operation_name(written)
    except KeyError:
        return None
