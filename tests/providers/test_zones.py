"""Times without a zone: offsets, names of zones, and the two hours of a year that are odd."""

from __future__ import annotations

import json

import pytest

from nexnum_console.providers.loading import ConfigError, load_config
from nexnum_console.providers.zones import known_zone, zone_names
from tests.providers.making import answer, reading, result

SALE = {"type": "json_object", "fields": {"activation_id": "id", "phone": "p", "expires_at": "t"}}


def moment(zone: str, written: str, **fields: object) -> str | None:
    compiled = reading("buy", {**SALE, **fields}, timezone=zone)
    said = answer({"id": 1, "p": "12025550100", "t": written})
    return result(compiled, "buy", said).get("expires_at")


@pytest.mark.parametrize(
    ("zone", "written", "read"),
    [
        ("Europe/Moscow", "2026-07-01 10:00:00", "2026-07-01 10:00:00+03:00"),
        ("Europe/Moscow", "2013-07-01 10:00:00", "2013-07-01 10:00:00+04:00"),
        ("Europe/Berlin", "2026-01-15 10:00:00", "2026-01-15 10:00:00+01:00"),
        ("Europe/Berlin", "2026-07-15T10:00:00.5", "2026-07-15T10:00:00.5+02:00"),
        ("America/New_York", "2026-07-15 10:00", "2026-07-15 10:00-04:00"),
        ("Asia/Kathmandu", "2026-07-15 10:00:00", "2026-07-15 10:00:00+05:45"),
        ("UTC", "2026-07-15 10:00:00", "2026-07-15 10:00:00+00:00"),
        ("Z", "2026-07-15 10:00:00", "2026-07-15 10:00:00Z"),
    ],
)
def test_a_name_tells_the_offset_of_the_day(zone: str, written: str, read: str) -> None:
    assert moment(zone, written) == read


def test_an_hour_that_comes_twice_is_its_first_one() -> None:
    assert moment("Europe/Berlin", "2026-10-25 02:30:00") == "2026-10-25 02:30:00+02:00"
    assert moment("Europe/Berlin", "2026-10-25 03:00:00") == "2026-10-25 03:00:00+01:00"


def test_an_hour_that_is_left_out_is_read_by_the_offset_before_it() -> None:
    # 02:30+01:00 is 03:30 in Berlin, where the clocks went from 02:00 to 03:00.
    assert moment("Europe/Berlin", "2026-03-29 02:30:00") == "2026-03-29 02:30:00+01:00"
    assert moment("Europe/Berlin", "2026-03-29 03:00:00") == "2026-03-29 03:00:00+02:00"


def test_what_has_a_zone_and_what_is_no_time_stay_as_they_are() -> None:
    for written in ("2026-07-15T10:00:00Z", "2026-07-15 10:00:00+09:00", "2026-07-15 10:00:00+09"):
        assert moment("Europe/Berlin", written) == written
    assert moment("Europe/Berlin", "as soon as possible") == "as soon as possible"
    assert moment("Europe/Berlin", "1784102400") == "2026-07-15T08:00:00+00:00"


def test_a_form_of_its_own_gets_the_zone_too() -> None:
    form = {"transform": {"expires_at": "timestamp:%d.%m.%Y %H:%M"}}
    assert moment("Europe/Berlin", "15.07.2026 10:00", **form) == "2026-07-15T10:00:00+02:00"


@pytest.mark.parametrize(
    ("zone", "cure"),
    [
        ("Europe/Moskow", 'write "Europe/Moscow"'),
        ("+3", "write +03:00"),
        ("+25:00", "write +03:00"),
        ("+03:00\n", "write +03:00"),
        ("localtime", "write "),
        ("../../etc/passwd", "write "),
        ("", "write +03:00"),
    ],
)
def test_what_is_no_zone(zone: str, cure: str) -> None:
    config = {"name": "made", "timezone": zone, "endpoints": {}, "mappings": {}}
    with pytest.raises(ConfigError) as caught:
        load_config(json.dumps(config, indent=1), "made.json")
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.line, problem.column) == ("/timezone", 3, 14)
    assert cure in problem.cure


def test_every_zone_has_a_name_that_is_known() -> None:
    assert len(zone_names()) > 400
    assert all(known_zone(each) for each in ("Europe/Moscow", "Asia/Kolkata", "-05:00", "Z"))
