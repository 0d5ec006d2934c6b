"""Countries and services in our words."""

from __future__ import annotations

import pytest

from nexnum_console.catalogue.names import same_form, slug
from nexnum_console.catalogue.normalise import Normaliser, load_facts

SMS_ACTIVATE = [("wa", "Whatsapp"), ("tg", "Telegram"), ("go", "Google,youtube,Gmail")]


def _words(
    provider: str = "new",
    dialect: str | None = None,
    countries: list[tuple[str, str]] | None = None,
    services: list[tuple[str, str]] | None = None,
) -> Normaliser:
    return Normaliser(load_facts(), provider, dialect, countries or [], services or [])


def _iso(words: Normaliser, external: str) -> str | None:
    found = words.country(external)
    return found.iso2 if found else None


def test_facts_are_rich_and_consistent() -> None:
    facts = load_facts()
    assert len(facts.countries) > 200
    assert len(facts.services) > 2000
    assert {iso2 for iso2 in facts.country_names.values()} <= set(facts.countries)
    assert set(facts.service_names.values()) <= set(facts.services)
    for code, one in facts.services.items():
        assert slug(code) == code, "a code is its own slug"
        assert one.code == code
    assert all(one.dial.isdigit() for one in facts.countries.values())


def test_dialects_by_the_providers_name() -> None:
    assert _iso(_words("fivesim"), "england") == "GB"
    assert _iso(_words("sms_activate"), "187") == "US"
    assert _words("fivesim").service("vkontakte").name == "VK"
    assert _words("sms_activate").service("wa").code == "whatsapp"


def test_a_declared_dialect_wins_over_the_providers_name() -> None:
    assert _words("anything", dialect="sms_activate").service("tg").code == "telegram"


@pytest.mark.parametrize(
    ("name", "iso2"),
    [
        ("USA (virtual)", "US"),
        ("Great Britain", "GB"),
        ("viet nam", "VN"),
        ("Côte d'Ivoire", "CI"),
        ("Россия", "RU"),
        ("Bosnia and Herzegovina", "BA"),
        ("Czech Republic", "CZ"),
    ],
)
def test_countries_by_name(name: str, iso2: str) -> None:
    assert _iso(_words(countries=[("x1", name)]), "x1") == iso2


def test_iso_codes_speak_for_themselves() -> None:
    assert _iso(_words(), "de") == "DE"
    assert _iso(_words(), "DE") == "DE"


@pytest.mark.parametrize("external", ["", "zz", "12345", "atlantis"])
def test_unknown_countries_are_none(external: str) -> None:
    assert _words("sms_activate").country(external) is None


def test_the_providers_own_name_beats_the_code_table() -> None:
    words = _words("sms_activate", countries=[("7", "Belarus")], services=[("mb", "Mamba")])
    assert _iso(words, "7") == "BY"
    assert words.service("mb").code == "mamba"


def test_an_unnamed_dialect_is_found_by_its_agreement() -> None:
    services = [*SMS_ACTIVATE, ("fb", "facebook"), ("vi", "Viber"), ("nf", "Что-то своё")]
    words = _words("brandnew", services=services)
    assert words.service_dialect in {"sms_activate", "herosms", "smshub"}
    assert words.service("oi").code == "tinder"


def test_too_little_agreement_is_no_dialect() -> None:
    words = _words("brandnew", services=[("wa", "Whatsapp"), ("tg", "Instagram")])
    assert words.service_dialect == ""
    assert words.service("oi").code == "brandnew-oi"


def test_unknown_services_keep_their_name() -> None:
    words = _words("sms_activate", services=[("zzz9", "Bäckerei Müller")])
    found = words.service("zzz9")
    assert (found.code, found.name, found.popularity) == (
        "backerei-muller",
        "Bäckerei Müller",
        0,
    )


def test_two_letters_without_a_name_stay_with_their_provider() -> None:
    one, two = _words("alpha").service("q7"), _words("beta").service("q7")
    assert one.code != two.code


def test_forms_of_names() -> None:
    assert same_form("Vk.com") == same_form("VK") == "vk"
    assert same_form("Telecom") == "telecom"
    assert slug("  Ünïcode & Co. ") == "unicode-co"
