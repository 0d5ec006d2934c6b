"""The front door of the importer: a source as text, a draft back. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from nexnum_console.providers.importing import curl, har, openapi, postman
from nexnum_console.providers.importing.assemble import assemble
from nexnum_console.providers.importing.draft import Draft
from nexnum_console.providers.importing.sample import ImportFault, Sample

__all__ = ["KINDS", "Draft", "ImportFault", "import_source"]

_READERS: Final[dict[str, Callable[[str], list[Sample]]]] = {
    "curl": curl.samples,
    "openapi": openapi.samples,
    "postman": postman.samples,
    "har": har.samples,
}
KINDS: Final = tuple(_READERS)


def import_source(
    kind: str,
    text: str,
    templates: Mapping[str, str],
    *,
    source: str = "imported",
    name: str = "",
    base_url: str = "",
    host: str = "",
) -> Draft:
    """A draft config from a source of one of ``KINDS``.

    ``templates``: texts of shipped configs by name, the bases of known dialects. ``name`` and
    ``base_url`` replace what the source tells; ``host`` chooses among those of a HAR. Raises
    ImportFault.
    """
    if kind not in _READERS:
        raise ImportFault(f"“{kind}” is not a source; known: {', '.join(KINDS)}")
    samples = har.samples(text, host) if kind == "har" and host else _READERS[kind](text)
    title = openapi.title(text) if kind == "openapi" else ""
    return assemble(samples, source, templates, name=name, title=title, base_url=base_url)
