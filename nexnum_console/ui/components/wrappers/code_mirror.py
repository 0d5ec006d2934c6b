"""CodeMirror (MIT): the JSON editor. Loaded only on the pages that show it, from our own files."""

from __future__ import annotations

import reflex as rx


class CodeEditor(rx.NoSSRComponent):
    """A JSON text with its problems marked. ``turn`` changes to go to ``line`` once more.

    ``problems`` are objects with ``line``, ``column`` (both from 1) and ``message``; ``schema``
    says what may stand where and what it is for; ``keys`` and ``values`` are offered while typing
    where it says nothing.
    """

    # Ours, in assets/wrappers; the build bundles it from there.
    library = "$/public/wrappers/code_editor.jsx"
    tag = "CodeEditor"
    lib_dependencies: list[str] = [
        "@uiw/react-codemirror@4.25.12",
        "@codemirror/lang-json@6.0.2",
        "@codemirror/lint@6.9.8",
    ]

    value: rx.Var[str]
    problems: rx.Var[list[dict]]
    schema: rx.Var[dict]
    keys: rx.Var[list[str]]
    values: rx.Var[list[str]]
    line: rx.Var[int]
    turn: rx.Var[int]
    label: rx.Var[str]
    read_only: rx.Var[bool]

    on_change: rx.EventHandler[rx.event.passthrough_event_spec(str)]


code_editor = CodeEditor.create
