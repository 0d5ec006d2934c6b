"""The shipped configs as texts: bases of drafts."""

from __future__ import annotations

from pathlib import Path

CONFIGS = Path(__file__).resolve().parents[3] / "provider_configs"


def shipped_texts(folder: Path = CONFIGS) -> dict[str, str]:
    """Config texts by provider name."""
    return {
        file.stem: file.read_text("utf-8")
        for file in sorted(folder.glob("*.json"))
        if file.stem not in {"schema", "webhooks"}
    }
