"""One browser for all tests of the page; without one they are skipped and say so."""

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser():
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser ({', '.join(NAMES)}): the page was not opened")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is missing: the page was not opened")
    with sync_api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()
