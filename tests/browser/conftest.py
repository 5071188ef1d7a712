"""The page in a real browser: the chromium that is installed, without a screen."""

import os
import shutil
from contextlib import contextmanager

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def chromium():
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        leave_out = pytest.fail if os.environ.get("GENPRINT_BROWSER") == "required" else pytest.skip
        leave_out(f"no browser: none of {', '.join(NAMES)} is installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        # A container has no user namespaces for the browser's own sandbox.
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


class Seen:
    """What a page did that it should not."""

    def __init__(self):
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.dialogs: list[str] = []


@pytest.fixture(scope="session")
def opened(chromium):
    """Opens a file at a width and in light or dark; gives the page and what it did that it should not."""

    @contextmanager
    def open_file(file, *, width=1400, scheme="light"):
        page, seen = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme), Seen()
        page.on("console", lambda message: seen.complaints.append(message.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.goto(file.as_uri())
        yield page, seen
        page.close()

    return open_file
