"""JSON whose amounts keep their text: ``12.50`` leaves as ``12.50``, never through a float."""

from __future__ import annotations

import json
from typing import Any


class Raw(str):
    """Text that is JSON already: a number with its decimals, or a rendered fragment."""

    __slots__ = ()


def render(value: Any) -> str:
    """Compact JSON of dicts, lists, scalars and ``Raw`` fragments."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))}:{render(item)}" for key, item in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(render, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
