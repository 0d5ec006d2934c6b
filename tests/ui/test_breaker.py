"""The circuit breaker on the provider page: shown, forced with a reason, obeyed, and set back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.console import RunningConsole

pytestmark = pytest.mark.browser
