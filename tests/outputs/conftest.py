"""The synthetic district, made once."""

import pytest
from district import Run, make_run


@pytest.fixture(scope="session")
def run() -> Run:
    return make_run()
