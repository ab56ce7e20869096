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
from siting.locate.solver import minimise, solver_version
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


HARD = """
import numpy as np
from siting.locate import lscp
rng = np.random.default_rng(0)
cost = np.where(rng.random((500, 500)) < 0.02, 0.0, np.inf)
print("ready", flush=True)
found = lscp(cost, 0.0, serve="reachable", time_limit_s=120.0)
print("stopped" if found.parameters["interrupted"] else "went on", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_stops_the_solver():
    with subprocess.Popen([sys.executable, "-c", HARD], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(4.0)  # by then the search is over and the solver runs, for minutes if nobody stops it
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        said, error = process.communicate(timeout=100)  # it would go on for 120 s
        # With a plan at hand the search returns it; before that it ends.
        assert said == b"stopped\n" or b"KeyboardInterrupt" in error
