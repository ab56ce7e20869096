"""What a view is."""

from dataclasses import dataclass
from typing import Literal

from siting.ledger import Text

Mark = Literal["dot", "square", "triangle", "diamond", "pin", "star"]
Shape = Literal["point", "line", "polygon"]
Kind = Literal["single", "categorised", "graduated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Rows whose ``column`` holds one of ``values``."""

    column: str
    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewClass:
    """One class as it is drawn: rows by value, or by low < number <= high; a class without either holds all.

    Attributes
    ----------
    name : in the legend
    colour : ``#rrggbb``
    value : of the view's column; None for numbers and for missing values (``missing``)
    low, high : bounds of numbers, -inf and inf where open
    missing : whether the class holds the rows without a value
    mark, size_mm : form and size of its points, width of its lines; None: those of the view
    edge : colour of the edge of its points; None: white
    """

    name: Text
    colour: str
    value: str | int | bool | None = None
    low: float | None = None
    high: float | None = None
    missing: bool = False
    mark: Mark | None = None
    size_mm: float | None = None
    edge: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A folder of views: one a rule, one a plan, one a theme; and facilities, zones, the ground.

    ``headline`` is what a theme found, in one sentence; plans and rules say it in the notes of their views.
    """

    id: str
    title: Text
    kind: Literal["plan", "rule", "theme", "facilities", "zones", "ground"]
    headline: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way to look at one table of `results.gpkg`.

    Attributes
    ----------
    id : unique in a run, lower case, only ``a-z 0-9 _``; the same in every run of the same study
    group : the folder it stands in
    title : what it shows
    table : of `results.gpkg`
    shape : of its rows
    classes : in the order of the legend; at least one
    kind : one colour for all, one a value, one a range of numbers
    column : what the classes are of; None where ``kind`` is "single"
    where : which rows it shows: all conditions hold
    labels : columns written beside each row, in Chinese and in English maps; None: none
    mark : the form of points
    outline : polygons are drawn as outlines with a faint fill
    size_mm : of marks, or the width of lines
    visible : whether it is shown when the project or the page opens
    leads : whether it is shown when its group is switched on by itself
    over : ids of the views that are shown over it: the stations that flows run to
    note : what a reader should know: the clause, how well it was read, the definition
    confidence : grade of the figure it rests on, `Reading.value`; None where it rests on none
    """

    id: str
    group: Group
    title: Text
    table: str
    shape: Shape
    classes: tuple[ViewClass, ...]
    kind: Kind = "single"
    column: str | None = None
    where: tuple[Condition, ...] = ()
    labels: tuple[str, str] | None = None
    mark: Mark = "dot"
    outline: bool = False
    size_mm: float = 1.6
    visible: bool = False
    leads: bool = False
    over: tuple[str, ...] = ()
    note: Text | None = None
    confidence: str | None = None
