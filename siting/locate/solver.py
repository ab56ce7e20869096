"""HiGHS behind one function: silent, one thread, seeded, interruptible, and honest about what it proved."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import SolverError

MipStatus = Literal["optimal", "stopped", "infeasible"]

# Not more than one: runs must be repeatable, and HiGHS sets its thread pool up once a process.
_THREADS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a long search has reached: value of the best answer, proved bound, relative gap."""

    value: float
    bound: float
    gap: float
    seconds: float


ReportProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MipAnswer:
    """The answer of the solver to a minimisation.

    ``x`` is None if none was found; ``bound`` is a lower bound of the objective, -inf if none is known. ``dual`` holds
    the prices of the rows where nothing had to be whole and the optimum was found.
    """

    status: MipStatus
    x: NDArray[np.float64] | None
    bound: float
    seconds: float
    dual: NDArray[np.float64] | None = None


class SolverStopped(KeyboardInterrupt):
    """Ctrl-C while the solver ran; ``answer`` is what it had by then."""

    def __init__(self, answer: MipAnswer) -> None:
        super().__init__()
        self.answer = answer


def _highs() -> Any:
    return highspy.Highs()  # type: ignore[no-untyped-call]


def solver_version() -> str:
    """Return name and version of the solver, for the evidence of a run."""
    return f"HiGHS {_highs().version()}"


def minimise(
    cost: NDArray[np.float64],
    matrix: sparse.csr_array,
    row_lower: NDArray[np.float64],
    row_upper: NDArray[np.float64],
    *,
    col_lower: NDArray[np.float64],
    col_upper: NDArray[np.float64],
    integral: NDArray[np.bool_],
    start: NDArray[np.float64] | None = None,
    time_limit_s: float,
    abs_gap: float = 0.0,
    seed: int = 0,
    on_progress: Callable[[float, float, float], None] | None = None,
) -> MipAnswer:
    """Minimise ``cost @ x`` subject to ``row_lower <= matrix @ x <= row_upper`` and bounds on ``x``.

    Parameters
    ----------
    integral : columns that must be whole
    start : a feasible answer to begin with
    abs_gap : stop once value and bound are this close
    on_progress : called with (value, bound, seconds) now and then

    Raises
    ------
    SolverError
        HiGHS refused the model or failed.
    SolverStopped
        After Ctrl-C, once the solver has stopped; it is a KeyboardInterrupt and holds the best answer so far.
    """
    began = time.perf_counter()
    if not (np.isfinite(cost).all() and np.isfinite(matrix.data).all()):
        msg = "the model holds NaN or infinite coefficients, which HiGHS would take in silence"
        raise SolverError(msg)
    solver = _highs()
    for name, value in {
        # HiGHS tells its progress only where it also logs; the log goes nowhere.
        "output_flag": True,
        "log_to_console": False,
        "threads": _THREADS,
        "random_seed": int(seed) % 2**31,
        "time_limit": max(0.01, float(time_limit_s)),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": float(abs_gap),
    }.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            msg = f"HiGHS refused the option {name} = {value}"
            raise SolverError(msg)
    if solver.passModel(_model(cost, matrix, row_lower, row_upper, col_lower, col_upper, integral)) == (
        highspy.HighsStatus.kError
    ):
        msg = f"HiGHS refused a model of {matrix.shape[0]} rows and {matrix.shape[1]} columns"
        raise SolverError(msg)
    if start is not None:
        given = highspy.HighsSolution()
        given.col_value = start.tolist()
        solver.setSolution(given)
    with _Interrupt() as interrupt:
        _watch(solver, interrupt, on_progress)
        solver.run()
    if interrupt.error is not None:
        raise interrupt.error
    interrupt.pass_on()
    seconds = time.perf_counter() - began
    if not interrupt.seen:
        return _read_back(solver, integral, seconds)
    try:
        answer = _read_back(solver, integral, seconds)
    except SolverError:
        answer = MipAnswer(status="stopped", x=None, bound=-np.inf, seconds=seconds)
    raise SolverStopped(answer)


def _model(
    cost: NDArray[np.float64],
    matrix: sparse.csr_array,
    row_lower: NDArray[np.float64],
    row_upper: NDArray[np.float64],
    col_lower: NDArray[np.float64],
    col_upper: NDArray[np.float64],
    integral: NDArray[np.bool_],
) -> Any:
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = cost.astype(np.float64)
    lp.col_lower_, lp.col_upper_ = col_lower.astype(np.float64), col_upper.astype(np.float64)
    lp.row_lower_, lp.row_upper_ = row_lower.astype(np.float64), row_upper.astype(np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = matrix.shape
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data.astype(np.float64)
    if integral.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(whole)] for whole in integral]
    return lp


def _read_back(solver: Any, integral: NDArray[np.bool_], seconds: float) -> MipAnswer:
    status, info = solver.getModelStatus(), solver.getInfo()
    kinds = highspy.HighsModelStatus
    if status == kinds.kInfeasible:
        return MipAnswer(status="infeasible", x=None, bound=np.inf, seconds=seconds)
    if status not in (
        kinds.kOptimal,
        kinds.kTimeLimit,
        kinds.kInterrupt,
        kinds.kObjectiveBound,
        kinds.kObjectiveTarget,
    ):
        msg = f"HiGHS ended with '{solver.modelStatusToString(status)}'"
        raise SolverError(msg)
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.asarray(solver.getSolution().col_value, dtype=np.float64) if feasible else None
    if integral.any():
        bound = float(info.mip_dual_bound)
    else:
        bound = float(info.objective_function_value) if status == kinds.kOptimal else -np.inf
    priced = not integral.any() and status == kinds.kOptimal
    # HiGHS also calls it optimal when a gap was asked for; then its bound says how much was proved.
    return MipAnswer(
        status="optimal" if status == kinds.kOptimal and x is not None else "stopped",
        x=x,
        bound=bound if np.isfinite(bound) else -np.inf,
        seconds=seconds,
        dual=np.asarray(solver.getSolution().row_dual, dtype=np.float64) if priced else None,
    )


class _Interrupt:
    """Note Ctrl-C while compiled code runs, so that the solver can be asked to stop and cleans up after itself."""

    def __init__(self) -> None:
        self.seen = False
        self.error: BaseException | None = None
        self._before: Any = None
        self._signal: tuple[int, object] | None = None

    def __enter__(self) -> "_Interrupt":
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: object) -> None:
        self.seen, self._signal = True, (number, frame)

    def pass_on(self) -> None:
        """Tell who listened before; what is raised there is raised by the solver's caller, with the answer so far."""
        if self._signal is not None and callable(self._before):
            with contextlib.suppress(KeyboardInterrupt):
                self._before(*self._signal)


def _watch(solver: Any, interrupt: _Interrupt, on_progress: Callable[[float, float, float], None] | None) -> None:
    def stop_if_asked(event: Any) -> None:
        if interrupt.seen or interrupt.error is not None:
            event.interrupt()

    solver.cbMipInterrupt += stop_if_asked
    solver.cbSimplexInterrupt += stop_if_asked
    solver.cbIpmInterrupt += stop_if_asked
    if on_progress is not None:
        report = on_progress

        def tell(event: Any) -> None:
            data = event.data_out
            # Nothing may be raised through compiled code: it is kept until the solver has stopped.
            if interrupt.seen or interrupt.error is not None:
                return
            try:
                report(float(data.mip_primal_bound), float(data.mip_dual_bound), float(data.running_time))
            except KeyboardInterrupt:
                interrupt.seen = True
            except BaseException as error:
                interrupt.error = error

        solver.cbMipLogging += tell
