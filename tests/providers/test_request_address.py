"""The last step before an address is used looks once more whether it is the provider's own."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.request import address_of

BASES = st.sampled_from(["https://api.example", "https://api.example/", "https://api.example/v1/"])


@given(base=BASES, path=st.text(alphabet="/?@:.#\\ e\t%", max_size=8))
def test_an_address_is_on_the_host_of_its_base_or_refused(base: str, path: str) -> None:
    try:
        made = address_of("any", base, path)
    except ProviderError:
        return
    assert urlsplit(made).netloc == "api.example"


@pytest.mark.parametrize("path", ["", "/x", "?action=x", "//evil.example/x"])
def test_a_usual_path_stays(path: str) -> None:
    assert address_of("any", "https://api.example/", path) == f"https://api.example{path}"


@pytest.mark.parametrize("path", [".evil.example", "@evil.example", ":8443/x", "\\evil"])
def test_a_path_that_would_change_the_host_is_refused(path: str) -> None:
    with pytest.raises(ProviderError, match="leads away") as refused:
        address_of("any", "https://api.example", path)
    assert not refused.value.sent
