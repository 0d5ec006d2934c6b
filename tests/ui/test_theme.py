"""Contrast is recomputed from the tokens, and no other stylesheet knows a colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nexnum_console.ui.theme import STYLESHEETS

ASSETS = Path(__file__).parents[2] / "assets"
TOKENS = dict(
    re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6,8})\b", (ASSETS / "theme/tokens.css").read_text())
)
GROUNDS = ("bg-base", "bg-sunken", "bg-raised", "bg-overlay", "bg-glass-solid", "bg-tip")
TEXTS = ("text-hi", "text-mid", "text-low", "ok", "warn", "danger", "info", "accent")


def test_every_stylesheet_is_there_and_only_tokens_hold_colours() -> None:
    for sheet in STYLESHEETS:
        text = (ASSETS / sheet.lstrip("/")).read_text()
        if not sheet.endswith("tokens.css"):
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", text), sheet


def test_every_role_used_is_defined() -> None:
    defined = set(re.findall(r"--([\w-]+):", (ASSETS / "theme/tokens.css").read_text())) | {
        "part",
        "chart-height",
    }
    for sheet in STYLESHEETS:
        used = set(re.findall(r"var\(--([\w-]+)", (ASSETS / sheet.lstrip("/")).read_text()))
        assert used <= defined, (sheet, used - defined)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_readable(text: str, ground: str) -> None:
    assert contrast(TOKENS[text], TOKENS[ground]) >= 4.5


@pytest.mark.parametrize("ground", ["bg-base", "bg-raised"])
def test_edges_of_controls_are_visible(ground: str) -> None:
    assert contrast(TOKENS["line-control"], TOKENS[ground]) >= 3.0


def test_ink_on_the_accent_is_readable() -> None:
    assert contrast(TOKENS["accent-ink"], TOKENS["accent"]) >= 4.5


@pytest.mark.parametrize("ground", ["bg-base", "bg-raised", "bg-overlay"])
@pytest.mark.parametrize("tone", ["ok", "warn", "danger", "info", "accent"])
def test_a_chip_is_readable_on_its_own_tint(tone: str, ground: str) -> None:
    assert contrast(TOKENS[tone], _laid(TOKENS[f"{tone}-soft"], TOKENS[ground])) >= 4.5


@pytest.mark.parametrize("tile", [name for name in TOKENS if re.fullmatch("tile-[a-z]", name)])
def test_letters_of_a_tile_are_readable(tile: str) -> None:
    assert contrast(TOKENS[f"{tile}-ink"], _laid(TOKENS[tile], TOKENS["bg-raised"])) >= 4.5


@pytest.mark.parametrize("text", ["text-hi", "text-mid", "text-low"])
@pytest.mark.parametrize("over", ["bg-active", "bg-hover", "neutral-soft", "teal-row", "on"])
def test_text_is_readable_on_what_lies_over_a_card(text: str, over: str) -> None:
    assert contrast(TOKENS[text], _laid(TOKENS[over], TOKENS["bg-overlay"])) >= 4.5


def _laid(tint: str, ground: str) -> str:
    alpha = int(tint[7:9], 16) / 255
    pairs = zip(_channels(tint), _channels(ground), strict=True)
    return "#" + "".join(f"{round(255 * (alpha * a + (1 - alpha) * b)):02x}" for a, b in pairs)


def contrast(text: str, ground: str) -> float:
    """WCAG 2 ratio; a text colour with alpha is laid over its ground first."""
    below = _channels(ground)
    alpha = int(text[7:9], 16) / 255 if len(text) == 9 else 1.0
    above = [alpha * a + (1 - alpha) * b for a, b in zip(_channels(text), below, strict=True)]
    first, second = sorted((_light(above), _light(below)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def _channels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _light(channels: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
