"""The look: stylesheets in the order they apply. Only ``tokens.css`` knows colours."""

from __future__ import annotations

from typing import Final

STYLESHEETS: Final = [
    "/theme/tokens.css",
    "/theme/base.css",
    "/theme/components.css",
    "/theme/kit.css",
    "/theme/list.css",
    "/theme/shell.css",
    "/theme/pages.css",
    "/theme/ops.css",
    "/theme/providers.css",
    "/theme/lab.css",
    "/theme/store.css",
    "/theme/money.css",
]
