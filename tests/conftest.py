"""Shared streets, layers and paths for the tests."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# Machines are noisy: no test fails for being slow. A check before a merge tries the same cases each time; a developer's
# own runs go on looking for new ones.
settings.register_profile("siting", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("siting")

# What is started in the background ignores Ctrl-C, and so do its children: tests that send it would wait for nothing.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real cities; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("SITING_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "macau").is_dir():
        pytest.skip(f"real city data not found at {folder} (set SITING_DATA)")
    return folder.resolve()


@pytest.fixture(scope="session")
def shared_benchmarks() -> Path:
    """Folder of the siting instances with known answers; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("SITING_BENCHMARKS", REPOSITORY.parent / "shared" / "benchmarks"))
    if not (folder / "mclp_sjc").is_dir():
        pytest.skip(f"siting benchmarks not found at {folder} (set SITING_BENCHMARKS)")
    return folder.resolve()
