"""A login is recognised by its person: the browser and the system have their names."""

from __future__ import annotations

import pytest

from nexnum_console.reports.account import device

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
HEADLESS = CHROME.replace("Chrome/", "HeadlessChrome/")


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{WINDOWS} {CHROME}", "Chrome on Windows"),
        (f"{WINDOWS} {CHROME} Edg/140.0.0.0", "Edge on Windows"),
        (f"{WINDOWS[:-1]}; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Windows"),
        (f"{MAC} AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15", "Safari on macOS"),
        (f"{LINUX} {CHROME}", "Chrome on Linux"),
        (f"{LINUX} {HEADLESS}", "Chromium on Linux"),
        (f"{LINUX} Ubuntu Chromium/140.0.0.0 {CHROME}", "Chromium on Linux"),
        (f"{ANDROID} Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"{ANDROID} SamsungBrowser/27.0 Chrome/125.0.0.0", "Samsung Internet on Android"),
        (f"{ANDROID} Chrome/140.0.0.0 Mobile Safari/537.36 EdgA/140.0", "Edge on Android"),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iOS"),
        (f"{IPHONE} CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome on iOS"),
        (f"{IPHONE} FxiOS/143.0 Mobile/15E148 Safari/604.1", "Firefox on iOS"),
        (LINUX, "Linux"),
        ("curl/8.9.1", "curl"),
        ("python-httpx/0.28.1", "An HTTP client"),
        ("", "An unknown device"),
        ("\0<b>", "An unknown device"),
    ],
)
def test_a_login_has_the_name_of_its_browser_and_system(user_agent: str, name: str) -> None:
    assert device(user_agent) == name
