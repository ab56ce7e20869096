"""Run a compiled kernel over blocks of rows on all cores; blocks do not depend on each other."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def in_blocks(work: Callable[[int, int], T], n: int, block: int) -> list[T]:
    """Call ``work(start, stop)`` for consecutive blocks of ``range(n)``; the answers come in order of the blocks.

    ``work`` should release the interpreter lock for most of its time.
    """
    starts = range(0, n, block)
    if len(starts) <= 1 or cores() == 1:
        return [work(start, min(start + block, n)) for start in starts]
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(lambda start: work(start, min(start + block, n)), starts))
