"""Solve one task with spopt or with this project, alone in a process, under the interpreter that runs this file.

    PYTHON -P scripts/bench/spopt_alone.py spopt|siting TASK.npz GIGABYTES

Stands by itself: the interpreter of the peer knows nothing of this project. Prints a line of JSON at the
beginning and one at the end. Seconds begin with
the table of costs in memory and the library imported, and end with the sites, the building of the model included; a
first run fills caches, and counts only where it is slow. Seconds of the solver that spopt starts are counted with it.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

SLOW_S = 3.0


def with_spopt(task: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Import it; return what builds and solves as its users do, with the solver that comes with it."""
    import pulp
    from spopt.locate import LSCP, LSCPB, MCLP, PCenter, PDispersion, PMedian

    cost, weight, limit, p = task["cost"], task["weight"], task["limit"], task["p"]
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=task["time_limit_s"])
    build: dict[str, Callable[[], Any]] = {
        "lscp": lambda: LSCP.from_cost_matrix(cost, limit),
        "backup_coverage": lambda: LSCPB.from_cost_matrix(cost, limit, solver),
        "mclp": lambda: MCLP.from_cost_matrix(cost, weight, limit, p_facilities=p),
        "p_median": lambda: PMedian.from_cost_matrix(cost, weight, p_facilities=p),
        "p_center": lambda: PCenter.from_cost_matrix(cost, p_facilities=p),
        "p_dispersion": lambda: PDispersion.from_cost_matrix(cost, p_facilities=p),
    }

    def solve() -> dict[str, Any]:
        model = build[task["model"]]()
        try:
            solved = model.solve() if task["model"] == "backup_coverage" else model.solve(solver)
        except RuntimeError as error:
            return {"status": f"no answer: {str(error).split('.')[0]}", "value": float("nan"), "sites": []}
        found = solved.problem
        sites = [j for j, var in enumerate(solved.fac_vars) if (var.value() or 0.0) > 0.5]
        # A search that the clock stopped is "Optimal" to pulp too; only its second word tells.
        status = "optimal" if found.sol_status == pulp.LpSolutionOptimal else "stopped"
        return {"status": status, "value": float(found.objective.value()), "sites": sites}

    return solve


def with_siting(task: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Import this project; return what solves."""
    from siting import locate

    cost, weight, limit, p = task["cost"], task["weight"], task["limit"], task["p"]
    most = {"time_limit_s": task["time_limit_s"]}
    models: dict[str, Callable[[], Any]] = {
        "lscp": lambda: locate.lscp(cost, limit, **most),
        "backup_coverage": lambda: locate.backup_coverage(cost, limit, **most),
        "mclp": lambda: locate.mclp(cost, weight, limit, p, **most),
        "p_median": lambda: locate.p_median(cost, weight, p, **most),
        "p_center": lambda: locate.p_center(cost, p, **most),
        "p_dispersion": lambda: locate.p_dispersion(cost, p, **most),
    }

    def solve() -> dict[str, Any]:
        found = models[task["model"]]()
        return {"status": found.status, "value": found.objective, "sites": found.sites.tolist(), "bound": found.bound}

    return solve


def seconds() -> tuple[float, float]:
    """CPU of this process and of those that it started and that have ended, and the wall clock."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(s.ru_utime + s.ru_stime for s in spent), time.perf_counter()


def main(who: str, path: str, gigabytes: str) -> None:
    """Run up to three times and print what came out."""
    most = int(float(gigabytes) * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with np.load(path) as file:
        task = json.loads(str(file["task"])) | {"cost": file["cost"], "weight": file["weight"]}
    began = seconds()
    solve = {"spopt": with_spopt, "siting": with_siting}[who](task)
    load_s = seconds()[0] - began[0]
    print(json.dumps({"begun_s": seconds()[0]}), flush=True)
    times: list[tuple[float, float]] = []
    for k in range(3):
        before = seconds()
        try:
            out = solve()
        except MemoryError:
            out = {"status": f"needs more than {gigabytes} GB", "value": float("nan"), "sites": []}
        after = seconds()
        times.append((after[0] - before[0], after[1] - before[1]))
        # What is slow is not done again; but the first of ours may have compiled code, which is kept for good.
        if not out["sites"] or (max(times)[0] > SLOW_S and k >= (who == "siting")):
            break
    counted = times[1:] or times
    out |= {"cpu_s": statistics.median(cpu for cpu, _ in counted), "wall_s": statistics.median(w for _, w in counted)}
    print(json.dumps(out | {"load_s": load_s, "first_s": times[0][0]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
