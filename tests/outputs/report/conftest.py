"""Reports of the hand-drawn district and of the demo district."""

import pytest
from report_written import Written

import siting
from siting.sample import sample_study


@pytest.fixture(scope="session")
def drawn(run, tmp_path_factory):
    return Written(run, tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    found = siting.run(siting.Study.from_toml(sample_study("demo-district")))
    return Written(found, tmp_path_factory.mktemp("demo"))
