"""One model and one question, asked again without some of the sites, within one budget of time."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from siting.errors import InfeasibleError, SolverError
from siting.locate.clock import start_clock

BEST_SHARE = 0.5
"""Of the time, for the best plan; what it does not use is left for the others."""
DEFAULT_S = 60.0


def sorted_labels(labels: Iterable[Hashable]) -> list[Hashable]:
    """Return labels in an order that does not depend on how they came: numbers first, then by name."""
    return sorted(labels, key=lambda label: (0, label, "") if isinstance(label, int) else (1, 0, str(label)))


class Refuser:
    """Asks a model for its best plan, and for the best ones without some sites.

    Attributes
    ----------
    best : the best plan
    stopped : the search was interrupted; nothing more should be asked
    """

    def __init__(self, model: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Ask for the best plan.

        Parameters
        ----------
        model, args, kwargs : as the model is called; ``time_limit_s`` is that of everything together
        """
        self._model, self._args, self._kwargs = model, args, dict(kwargs)
        self._clock = start_clock(self._kwargs.pop("time_limit_s", DEFAULT_S), 0.0, 0)
        self._excluded = _listed(self._kwargs.pop("excluded", None))
        self._seen: dict[frozenset[Hashable], Any] = {}
        self.stopped = False
        half = BEST_SHARE * self._clock.time_limit_s
        before_s = self._clock.left_s
        self.best = model(*args, excluded=self._excluded, time_limit_s=half, **self._kwargs)
        # By the clock, compiling does not count: on a new machine it would leave time for fewer questions.
        self._best_s = before_s - self._clock.left_s
        self._kwargs.pop("progress", None)
        self._note_interruption(self.best)
        required = set(_listed(self._kwargs.get("required")))
        by_gain = list(self.best.order) if len(self.best.order) == len(self.best.sites) else list(self.best.sites)
        label = dict(zip(self.best.sites.tolist(), self.best.site_ids, strict=True))
        self.sites: list[Hashable] = [label[int(j)] for j in by_gain]
        self.required = {site for site in self.sites if site in required}

    @property
    def refusable(self) -> list[Hashable]:
        """New sites of the best plan that nobody requires, the one of least gain first where the model tells."""
        return [site for site in reversed(self.sites) if site not in self.required]

    @property
    def left_s(self) -> float:
        """Seconds left for everything."""
        return self._clock.left_s

    @property
    def affordable(self) -> int:
        """Questions for which half of the time left suffices, if each takes half as long as the best plan did."""
        return int(self.left_s / max(self._best_s, 1e-3))

    @property
    def over(self) -> bool:
        """Whether nothing more should be asked."""
        return self.stopped or self.left_s <= 0

    def without(self, refused: Iterable[Hashable], turns: int) -> Any:
        """Return the best plan without some sites, an `InfeasibleError` that says why there is none, or None.

        None = nothing was found in time.

        Parameters
        ----------
        refused : labels
        turns : how many questions the time that is left should last for
        """
        wanted = frozenset(refused)
        if wanted in self._seen:
            return self._seen[wanted]
        if self.over:
            return None
        excluded = [*self._excluded, *sorted_labels(wanted - set(self._excluded))]
        answer: Any = None
        try:
            seconds = self.left_s / max(1, turns)
            answer = self._model(*self._args, excluded=excluded, time_limit_s=seconds, **self._kwargs)
            self._note_interruption(answer)
        except InfeasibleError as why:
            answer = why
        except SolverError:
            answer = None
        except KeyboardInterrupt:
            self.stopped = True
        self._seen[wanted] = answer
        return answer

    def _note_interruption(self, answer: Any) -> None:
        self.stopped = self.stopped or bool(answer.parameters.get("interrupted", False))


def _listed(given: Any) -> list[Any]:
    return [] if given is None else list(given)
