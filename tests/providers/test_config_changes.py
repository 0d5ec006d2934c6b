"""Two texts of a config: by line and by key."""

from __future__ import annotations

from nexnum_console.providers.config_changes import key_changes, side_by_side


def test_texts_stand_side_by_side() -> None:
    old = "\n".join(["{", *[f"  line {n}" for n in range(20)], "}"])
    new = old.replace("line 9", "row 9").replace("  line 15\n", "")
    lines = side_by_side(old, new)
    kinds = [line.kind for line in lines]
    assert kinds.count("changed") == 1
    assert kinds.count("gone") == 1
    assert kinds[0] == kinds[-1] == "gap"
    changed = next(line for line in lines if line.kind == "changed")
    assert (changed.old_number, changed.old, changed.new) == (11, "  line 9", "  row 9")
    assert side_by_side(old, old)[0].kind == "gap"


def test_keys_that_changed() -> None:
    before = {"a": 1, "b": [{"x": 1}, {"y": 2}], "c": {"d": "e"}, "gone": True}
    after = {"a": 2, "b": [{"new": 0}, {"x": 1}, {"y": 3}], "c": {"d": "e", "f/g": None}}
    found = [
        (each.pointer, each.kind, each.before, each.after) for each in key_changes(before, after)
    ]
    assert found == [
        ("/a", "changed", "1", "2"),
        ("/b/0", "added", "", '{"new": 0}'),
        ("/b/2/y", "changed", "2", "3"),
        ("/c/f~1g", "added", "", "null"),
        ("/gone", "removed", "true", ""),
    ]
    assert key_changes(before, before) == []
    assert [each.pointer for each in key_changes({"a": 1}, {"a": True})] == ["/a"]
