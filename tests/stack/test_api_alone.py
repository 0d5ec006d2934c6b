"""The web process without pages: the API as it is, its headers, and no Reflex."""

from __future__ import annotations

import subprocess
import sys

from nexnum_console.stack import api_alone
from nexnum_console.stack.layout import CHECKOUT

SAYS = f"import sys, {api_alone.__name__}; print('reflex' in sys.modules)"


def test_it_loads_nothing_of_reflex() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAYS], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
