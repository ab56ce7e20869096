"""In which formats and on which paper the pages are written: the same figure gives the same bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection, PathCollection
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from siting.errors import InputError
from siting.outputs.maps.png import write_png

MapFormat = Literal["png", "svg", "pdf"]
Paper = Literal["A4", "A3"]
FORMATS: tuple[MapFormat, ...] = get_args(MapFormat)
PAPERS: tuple[Paper, ...] = get_args(Paper)
MOST_VERTICES = 40_000
"""Areas and lines of a page stay what they are in SVG and PDF up to so many vertices, and those of its ground up to as
many again; more become one picture. A vertex takes some 25 bytes of an SVG.
"""
VERTICES_A_MARK = 4
"""A mark takes as much of a file as so many vertices."""
_VECTOR_RC: dict[Any, Any] = {"svg.hashsalt": "siting", "svg.fonttype": "path", "pdf.fonttype": 3, "pdf.compression": 9}
"""Marks in an SVG are named by their content, and its letters are outlines: it looks the same on every machine."""
_NO_DATES: dict[MapFormat, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "siting"},
    "pdf": {"CreationDate": None, "Creator": "siting", "Producer": "matplotlib"},
}


@dataclass(frozen=True, slots=True)
class MapFiles:
    """The formats of every page and its paper.

    Attributes
    ----------
    formats : one file a page and format; PNG has 200 dots an inch, SVG and PDF hold lines, marks and letters as such
    paper : the smaller side lies across or upright, whichever shows the place larger
    """

    formats: tuple[MapFormat, ...] = ("png",)
    paper: Paper = "A4"

    @classmethod
    def of(cls, formats: Iterable[str] | None = None, paper: str | None = None) -> "MapFiles":
        """Make them of words as people type them: upper or lower case, each once, in the order png, svg, pdf.

        Raises
        ------
        InputError
            A word is no format or no paper, or there is no format at all.
        """
        wanted = ["png"] if formats is None else [word.strip().lower() for word in formats if word.strip()]
        size = "A4" if paper is None else paper.strip().upper()
        odd = [word for word in wanted if word not in FORMATS]
        if odd or not wanted:
            msg = f"maps: '{', '.join(odd)}' is no format of maps; give one or more of {', '.join(FORMATS)}"
            raise InputError(msg)
        if size not in PAPERS:
            msg = f"paper: '{paper}' is no paper of maps; give {' or '.join(PAPERS)}"
            raise InputError(msg)
        return cls(tuple(f for f in FORMATS if f in wanted), "A3" if size == "A3" else "A4")

    @property
    def vectors(self) -> bool:
        """Whether lines and areas should stay what they are."""
        return self.formats != ("png",)

    def names(self, name: str) -> tuple[str, ...]:
        """File names of a page."""
        return tuple(f"{name}.{suffix}" for suffix in self.formats)

    def save(self, figure: Figure, canvas: FigureCanvasAgg, path: Path, dpi: float) -> None:
        """Write a page in every format beside ``path``, whose suffix is that of the PNG."""
        for suffix in self.formats:
            target = path.with_suffix(f".{suffix}")
            if suffix == "png":
                canvas.draw()  # type: ignore[no-untyped-call]
                pixels: NDArray[np.uint8] = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
                write_png(target, pixels[:, :, :3], dpi)
            else:
                _keep_few_as_vectors(figure)
                with rc_context(_VECTOR_RC):
                    figure.savefig(target, format=suffix, dpi=dpi, metadata=_NO_DATES[suffix])


def maps_of(figure: Figure | SubFigure) -> int:
    """Count the maps of a page; the column of words is drawn without axes."""
    return max(1, sum(ax.axison for ax in figure.axes))


def _keep_few_as_vectors(figure: Figure) -> None:
    """Let shapes that were meant for a picture stay shapes on pages where they are few."""
    most = MOST_VERTICES / maps_of(figure)
    for ax in figure.axes:
        size = {c: _vertices(c) for c in ax.collections}
        few = sum(count for c, count in size.items() if c.get_rasterized()) <= most
        for c, count in size.items():
            # Outlines and marks stand out, and stay sharp unless there are very many.
            c.set_rasterized(not few if c.get_rasterized() else count > most / 2)


def _vertices(shapes: Collection) -> int:
    marks = np.shape(shapes.get_offsets())[0] if isinstance(shapes, PathCollection) else 0
    points: int = sum(np.shape(path.vertices)[0] for path in shapes.get_paths())
    return points + VERTICES_A_MARK * marks


ONE_PNG = MapFiles()
