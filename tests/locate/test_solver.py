"""The solver behind its one function: what it proves, and that it can be stopped."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from scipy import sparse

from siting.errors import SolverError
from siting.locate.solver import SolverStopped, minimise, solver_version
from siting.locate.spacing import at_most_one, cliques

FREE = {"col_lower": np.zeros(2), "col_upper": np.ones(2), "integral": np.ones(2, dtype=bool), "time_limit_s": 10.0}


def test_a_small_model_by_hand():
    # 2a + 3b at least cost, a + b >= 1: take a
    one_row = sparse.csr_array([[1.0, 1.0]])
    answer = minimise(np.array([2.0, 3.0]), one_row, np.array([1.0]), np.array([np.inf]), **FREE)
    assert (answer.status, answer.x.round().tolist(), answer.bound) == ("optimal", [1.0, 0.0], 2.0)
    answer = minimise(np.array([2.0, 3.0]), one_row, np.array([3.0]), np.array([np.inf]), **FREE)
    assert (answer.status, answer.x) == ("infeasible", None)
    with pytest.raises(SolverError):
        minimise(np.array([2.0, np.nan]), one_row, np.array([1.0]), np.array([np.inf]), **FREE)
    assert solver_version().startswith("HiGHS 1.")


def test_pairs_become_cliques_that_cover_every_pair_and_no_other():
    rng = np.random.default_rng(0)
    pairs = np.array([(a, b) for a in range(20) for b in range(a + 1, 20) if rng.random() < 0.4])
    groups = cliques(pairs, 20)
    covered = {(a, b) for group in groups for a in group for b in group if a < b}
    assert covered == {tuple(pair) for pair in pairs.tolist()}
    assert len(groups) < len(pairs)
    assert at_most_one(groups, 20).sum() == sum(len(group) for group in groups)


# A first short search compiles everything: where Ctrl-C meets a finaliser of the compiler, Python swallows it.
HARD = """
import gc
import numpy as np
from siting.locate import lscp
rng = np.random.default_rng(0)
cost = np.where(rng.random((500, 500)) < 0.02, 0.0, np.inf)
lscp(cost, 0.0, serve="reachable", time_limit_s=1.0)
gc.collect()
print("ready", flush=True)
found = lscp(cost, 0.0, serve="reachable", time_limit_s=120.0)
print("stopped" if found.parameters["interrupted"] else "went on", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_stops_the_solver():
    with subprocess.Popen([sys.executable, "-c", HARD], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(2.0)  # in the search or in the solver, which runs for minutes if nobody stops it
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        said, error = process.communicate(timeout=100)  # it would go on for 120 s
        # With a plan at hand the search returns it; before that it ends.
        assert said == b"stopped\n" or b"KeyboardInterrupt" in error


def test_progress_is_told_and_nothing_is_printed(capfd):
    """The values fall, the bounds rise, and both end where the answer does."""
    rng = np.random.default_rng(3)
    reach = sparse.csr_array((rng.random((120, 60)) < 0.08).astype(float))
    reach = reach[reach.sum(axis=1) > 0]
    n, m = reach.shape
    told = []
    answer = minimise(
        np.ones(m), reach, np.ones(n), np.full(n, np.inf),
        col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool), time_limit_s=30.0,
        on_progress=lambda value, bound, seconds: told.append((value, bound, seconds)),
    )  # fmt: skip
    assert answer.status == "optimal"
    assert told
    for value, bound, _ in told:
        assert value >= answer.x.sum() - 1e-6
        assert bound <= answer.x.sum() + 1e-6
    assert [now[2] for now in told] == sorted(now[2] for now in told)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_who_hears_of_progress_may_stop_it(error):
    """What is raised there arrives once the solver has stopped; after Ctrl-C with the best answer so far."""
    rng = np.random.default_rng(0)
    reach = sparse.csr_array((rng.random((300, 300)) < 0.03).astype(float))
    n, m = reach.shape

    def stop(value, bound, seconds):
        if np.isfinite(value):
            raise error

    with pytest.raises(error) as caught:
        minimise(
            np.ones(m), reach, np.ones(n), np.full(n, np.inf),
            col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool), time_limit_s=60.0,
            on_progress=stop,
        )  # fmt: skip
    if error is KeyboardInterrupt:
        assert isinstance(caught.value, SolverStopped)
        found = caught.value.answer
        assert found.status == "stopped"
        assert (reach @ found.x.round() >= 1).all()
        assert found.bound <= found.x.sum()


RUNNING = """
import numpy as np
from scipy import sparse
from siting.locate.solver import SolverStopped, minimise
rng = np.random.default_rng(0)
reach = sparse.csr_array((rng.random((500, 500)) < 0.02).astype(float))
try:
    minimise(
        np.ones(500), reach, np.ones(500), np.full(500, np.inf), col_lower=np.zeros(500), col_upper=np.ones(500),
        integral=np.ones(500, dtype=bool), time_limit_s=120.0, on_progress=lambda *_: print("running", flush=True),
    )
except SolverStopped as stopped:
    print("stopped", bool((reach @ stopped.answer.x.round() >= 1).all()), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_while_the_solver_runs():
    with subprocess.Popen([sys.executable, "-c", RUNNING], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"running\n"
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=100)  # it would go on for 120 s
    assert said.endswith(b"stopped True\n")


PASSED_ON = """
import signal
import numpy as np
from scipy import sparse
from siting.locate.solver import SolverStopped, minimise

def heard(*_):
    print("heard", flush=True)
    raise KeyboardInterrupt

signal.signal(signal.SIGINT, heard)
rng = np.random.default_rng(0)
reach = sparse.csr_array((rng.random((500, 500)) < 0.02).astype(float))
try:
    minimise(
        np.ones(500), reach, np.ones(500), np.full(500, np.inf), col_lower=np.zeros(500), col_upper=np.ones(500),
        integral=np.ones(500, dtype=bool), time_limit_s=120.0, on_progress=lambda *_: print("running", flush=True),
    )
except SolverStopped:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_whoever_listened_for_ctrl_c_hears_of_it():
    with subprocess.Popen([sys.executable, "-c", PASSED_ON], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"running\n"
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=100)
    assert said.endswith(b"heard\nstopped\n")
