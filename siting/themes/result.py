"""What a theme leaves behind: layers, tables and figures that describe themselves, so that every writer can show them.

A theme knows no file format, no plot and no page. It says what a column means, in which classes a layer is read and
what part each class plays; maps, the GeoPackage, QGIS styles, the page and the report take it from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import geopandas as gpd
import pandas as pd

from siting.errors import SchemaError
from siting.ledger import Finding, Text

Role = Literal["good", "fair", "poor", "bad", "none", "site", "existing", "accent", "muted"]
"""The part that a class plays on a map: the writers give it its colour, the same in every output."""
Ramp = Literal["more_is_better", "more_is_worse", "neutral"]
Mark = Literal["dot", "square", "triangle", "diamond", "star"]
Strokes = Literal["even", "thin", "by_value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """One class of a layer: the value of its column, its name in a legend, and the part it plays.

    ``mark`` is the form of its points where there are few of them; forms are told apart where colours are not.
    """

    value: str | int | bool
    name: Text
    role: Role
    mark: Mark = "dot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a column of numbers is coloured: its unit, which end is good, and the breaks (None: chosen from the data)."""

    unit: Text
    ramp: Ramp
    breaks: tuple[float, ...] | None = None
    percent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThemeLayer:
    """One layer of a theme, as `results.gpkg` holds it and a map shows it.

    Attributes
    ----------
    name : of the table in the GeoPackage, lower case, ``<theme>_<what>``; unique in a run
    title : what a map of it is called
    frame : index = id, geometry in the study's CRS
    columns : what each column means, in both languages; a column that is not named here is shown by its own name
    show : column that colours the layer; None draws it in one colour
    classes : the classes of ``show``, in the order of the legend; empty where ``show`` holds numbers
    scale : how numbers in ``show`` are coloured
    label : column that is written beside the features on a map
    own_map : whether the layer gets a page of its own under `maps/`
    note : what a reader of the map should know: the clause, the definition, how well it was read
    over : layers of the same theme that are drawn over it on its own map, such as the stations that flows run to
    map_title : what its own map is called where it shows more than the layer; None: as the layer
    strokes : how wide lines are: all the same, all thin because there are many, or the wider the more (of a scale)
    """

    name: str
    title: Text
    frame: gpd.GeoDataFrame
    columns: Mapping[str, Text] = field(default_factory=dict)
    show: str | None = None
    classes: tuple[Class, ...] = ()
    scale: Scale | None = None
    label: str | None = None
    own_map: bool = True
    note: Text | None = None
    over: tuple["ThemeLayer", ...] = ()
    map_title: Text | None = None
    strokes: Strokes = "even"

    def __post_init__(self) -> None:
        if self.show is not None and self.show not in self.frame.columns:
            msg = f"layer {self.name}: it is to be coloured by '{self.show}', which it does not have"
            raise SchemaError(msg)
        if self.show is not None and bool(self.classes) == (self.scale is not None):
            msg = f"layer {self.name}: column '{self.show}' needs either classes or a scale"
            raise SchemaError(msg)
        if self.classes:
            known = {c.value for c in self.classes}
            extra = sorted({str(v) for v in self.frame[self.show].dropna().unique() if v not in known})
            if extra:
                msg = f"layer {self.name}: column '{self.show}' holds {', '.join(extra[:5])}, which is no class of it"
                raise SchemaError(msg)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThemeTable:
    """One table of a theme, written to `tables/<name>.csv` and shown in the report.

    Attributes
    ----------
    name : of the file, lower case, ``<theme>_<what>``; unique in a run
    title : heading in page and report
    frame : plain columns; the index is not written
    columns : what each column means, in both languages
    note : what a reader should know: definition, clause, what could not be computed
    """

    name: str
    title: Text
    frame: pd.DataFrame
    columns: Mapping[str, Text] = field(default_factory=dict)
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThemeResult:
    """Everything a theme found.

    Attributes
    ----------
    theme : id of the theme
    title : what it is called
    layers, tables : in the order in which they are shown
    figures : headline numbers by name, plain values (None where unknown), for `summary.json` under ``themes.<id>``
    headlines : the same for people: sentences that stand on their own, most important first
    indicators : rows with the columns `siting.coverage.model.INDICATOR_COLUMNS`, for `tables/indicators.csv`; may be
        empty. Every level adds up to the city
    findings : what a reader should know, missing layers first
    missing : (what could not be judged, why and which layer would allow it)
    """

    theme: str
    title: Text
    layers: tuple[ThemeLayer, ...] = ()
    tables: tuple[ThemeTable, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    headlines: tuple[Text, ...] = ()
    indicators: pd.DataFrame = field(default_factory=pd.DataFrame)
    findings: tuple[Finding, ...] = ()
    missing: tuple[tuple[Text, Text], ...] = ()

    def layer(self, name: str) -> ThemeLayer:
        """Return a layer by its name.

        Raises
        ------
        KeyError
            There is none of that name.
        """
        return _named(self.layers, name)

    def table(self, name: str) -> ThemeTable:
        """Return a table by its name.

        Raises
        ------
        KeyError
            There is none of that name.
        """
        return _named(self.tables, name)

    def __repr__(self) -> str:
        """Say what is in it."""
        return f"ThemeResult({self.theme!r}: {len(self.layers)} layers, {len(self.tables)} tables)"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.themes.card import theme_card

        return theme_card(self)


Item = TypeVar("Item", ThemeLayer, ThemeTable)


def _named(items: tuple[Item, ...], name: str) -> Item:
    for item in items:
        if item.name == name:
            return item
    msg = f"'{name}'; there are {', '.join(item.name for item in items) or 'none'}"
    raise KeyError(msg)
