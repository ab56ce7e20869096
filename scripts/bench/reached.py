"""What several families are asked for: everything proved within a time, or close to the best known."""

from collections.abc import Callable, Sequence

from bench.location import Line


def all_proved(within_s: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    """Ask that each instance is proved, and all together within so much computing time."""

    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        proved = sum(line.status == "optimal" for line in lines)
        seconds = sum(line.cpu_s for line in lines)
        return f"{proved} of {len(lines)} in {seconds:.1f} CPU s", proved == len(lines) and seconds < within_s

    return got


def close(share: float) -> Callable[[Sequence[Line]], tuple[str, bool]]:
    """Ask that no answer is worse than the best known by more than this share."""

    def got(lines: Sequence[Line]) -> tuple[str, bool]:
        worst = max(line.off for line in lines)
        return f"worst {worst:+.3%}", worst <= share

    return got
