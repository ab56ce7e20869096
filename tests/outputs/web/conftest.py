"""A browser for the tests of a file; without one they are skipped and say so.

Not for the whole session: as long as it is open, its loop runs in this process, and a notebook that is run by the same
worker would find it.
"""

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser ({', '.join(NAMES)}): the page was not opened")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is missing: the page was not opened")
    with sync_api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()
