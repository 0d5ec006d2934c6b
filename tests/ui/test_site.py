"""What each page does as it opens is a flat list: Reflex calls nothing of a list in a list."""

from __future__ import annotations

import pytest

from nexnum_console.ui import site


@pytest.mark.parametrize("page", site.PAGES, ids=lambda page: page.route)
def test_what_a_page_does_first_is_no_list_in_a_list(page: site.Page) -> None:
    loads = site._loads(page)  # what Reflex is given
    assert not any(isinstance(one, list) for one in (loads if isinstance(loads, list) else [loads]))
