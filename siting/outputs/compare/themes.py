"""What changed between two runs in their themes: figures of the city, figures of zones, classes that zones lack."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from siting.errors import FileFormatError
from siting.ledger import Finding, Text
from siting.outputs.compare.result_folder import ResultFolder, as_text, read_table

FIGURES = ["theme", "figure", "a", "b", "change", "in_runs"]
ZONES = [
    "theme", "table", "zone_level", "zone", "zone_name", "column", "column_zh", "column_en", "a", "b", "change",
    "in_runs",
]  # fmt: skip
CLASSES = ["theme", "zone", "zone_name", "tier", "class", "name_zh", "name_en", "change", "without_a", "without_b"]
NEWLY_MISSING, NO_LONGER = "newly_missing", "no_longer_missing"
WHOLLY = "none"
"""State of a class that nobody of a zone has within reach."""
ROUNDING = 1e-9
"""Figures of one city that differ by less differ by the digits they were written with."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThemeChange:
    """One theme in two runs.

    Attributes
    ----------
    theme, title : of the theme
    figures : one row a headline figure of `summary.json`; columns `FIGURES`, ``change`` is NaN where it is no number
    zones : one row a zone and column of numbers in the theme's tables; columns `ZONES`
    classes : what zones wholly lack in one of the runs only; columns `CLASSES`
    """

    theme: str
    title: Text
    figures: pd.DataFrame
    zones: pd.DataFrame
    classes: pd.DataFrame

    def figure(self, name: str) -> tuple[float, float] | None:
        """Return a figure of both runs, None unless both have it as a number."""
        rows = self.figures[(self.figures["figure"] == name) & self.figures["change"].notna()]
        return None if rows.empty else (float(rows["a"].iloc[0]), float(rows["b"].iloc[0]))

    def by_zone(self, table: str, column: str) -> pd.DataFrame:
        """Return one column of the theme's tables that begin with ``table``, zones in both runs, the finest level."""
        rows = self.zones[self.zones["table"].str.startswith(table) & (self.zones["column"] == column)]
        rows = rows[rows["change"].notna()]
        return rows if rows.empty else rows[rows["zone_level"] == rows["zone_level"].iloc[0]]


def compare_themes(a: ResultFolder, b: ResultFolder) -> dict[str, ThemeChange]:
    """Set the themes that both runs have side by side."""
    return {
        name: ThemeChange(
            theme=name,
            title=as_text(b.themes[name].get("title"), name),
            figures=_figures(name, a.themes[name], b.themes[name]),
            zones=_zones(name, a, b),
            classes=_classes(name, a, b),
        )
        for name in a.themes
        if name in b.themes
    }


def theme_notes(a: ResultFolder, b: ResultFolder, changes: Mapping[str, ThemeChange]) -> tuple[Finding, ...]:
    """Say which themes only one run has, and which shares are of other numbers of classes."""
    found = []
    for run, other in ((a, b), (b, a)):
        only = [name for name in run.themes if name not in other.themes]
        if only:
            titles = [as_text(run.themes[name].get("title"), name) for name in only]
            zh, en = "、".join(t.zh for t in titles), ", ".join(t.en for t in titles)
            text = Text(
                f"仅 {run.name} 有专题 {zh}，无从比较；请为两次运行写同样的专题表",
                f"only {run.name} has the themes {en}: nothing to compare. Give both studies the same tables",
            )
            found.append(Finding(code="theme_once", kind="warning", count=len(only), text=text, ids=tuple(only)))
    for name, change in changes.items():
        table = change.figures
        judged = table[table["figure"].str.startswith("required_judged_") & (table["change"].fillna(0.0) != 0)]
        if len(judged):
            pairs = ", ".join(
                f"{f.removeprefix('required_judged_')} {one:g} → {other:g}"
                for f, one, other in zip(judged["figure"], judged["a"], judged["b"], strict=True)
            )
            text = Text(
                f"{change.title.zh}：可评的应配设施类别数不同（{pairs}），完备率不可直接比较",
                f"{change.title.en}: other numbers of required classes were judged ({pairs}); "
                "their completeness is not alike",
            )
            found.append(Finding(code="other_classes", kind="warning", count=len(judged), text=text, ids=(name,)))
    return tuple(found)


def joined(parts: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """One table of several with the same columns."""
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _figures(theme: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> pd.DataFrame:
    one, other = (dict(_leaves(run.get("figures", {}))) for run in (a, b))
    rows = []
    for name in dict.fromkeys([*one, *other]):
        before, after = one.get(name), other.get(name)
        change = after - before if _is_number(before) and _is_number(after) else np.nan  # type: ignore[operator]
        runs = " ".join(run for run, known in (("a", name in one), ("b", name in other)) if known)
        rows.append((theme, name, before, after, change, runs))
    table = pd.DataFrame(rows, columns=FIGURES)
    return table.astype({"a": object, "b": object, "change": "float64"})


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value of nested mappings, named by its keys with slashes between; lists are no figures."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}/{key}" if path else str(key))
    elif not isinstance(value, list):
        yield path, value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _zones(theme: str, a: ResultFolder, b: ResultFolder) -> pd.DataFrame:
    """Every column of numbers of the theme's tables that have one row a zone."""
    words = _column_words(b)
    parts = []
    for name in _tables_of(theme, a, b):
        one, other = _by_zone(a, name), _by_zone(b, name)
        if one is None or other is None:
            continue
        for column in [c for c in other.columns if c in one.columns and c not in ("zone_name", "name")]:
            before, after = (pd.to_numeric(t[column], errors="coerce") for t in (one, other))
            if before.notna().sum() + after.notna().sum() == 0:
                continue
            index = other.index.append(one.index.difference(other.index, sort=False))
            there, here = before.reindex(index), after.reindex(index)
            names = pd.concat([_names(other), _names(one)])
            names = names[~names.index.duplicated()].reindex(index)
            zh, en = words.get((name, column), (column, column))
            change = (here - there).where((here - there).abs() > ROUNDING, (here - there) * 0.0)
            parts.append(
                pd.DataFrame(
                    {
                        "theme": theme,
                        "table": name,
                        "zone_level": index.get_level_values(0),
                        "zone": index.get_level_values(1),
                        "zone_name": names.to_numpy(),
                        "column": column,
                        "column_zh": zh,
                        "column_en": en,
                        "a": there.to_numpy(),
                        "b": here.to_numpy(),
                        "change": change.to_numpy(),
                        "in_runs": np.select(
                            [index.isin(one.index) & index.isin(other.index), index.isin(one.index)], ["a b", "a"], "b"
                        ),
                    }
                )
            )
    return joined(parts, ZONES)


def _tables_of(theme: str, a: ResultFolder, b: ResultFolder) -> list[str]:
    paths = [sorted((run.path / "tables").glob(f"{theme}_*.csv")) for run in (b, a)]
    return [path.stem for path in paths[0] if path.stem in {p.stem for p in paths[1]}]


def _by_zone(run: ResultFolder, name: str) -> pd.DataFrame | None:
    """Return a table by level and zone; None if it has no zones, or several rows a zone."""
    table = read_table(run.path / "tables" / f"{name}.csv")
    if "zone" not in table.columns:
        return None
    # A table of one level says so in its name: living_circle_scorecard_community.
    level = table["level"] if "level" in table.columns else pd.Series(name.rsplit("_", 1)[-1], index=table.index)
    index = pd.MultiIndex.from_arrays([level, table["zone"]])
    return table.drop(columns=["zone", "level"], errors="ignore").set_axis(index) if index.is_unique else None


def _names(table: pd.DataFrame) -> pd.Series:
    column = next((c for c in ("zone_name", "name") if c in table.columns), None)
    return pd.Series("", index=table.index) if column is None else table[column]


def _column_words(run: ResultFolder) -> dict[tuple[str, str], tuple[str, str]]:
    path = run.path / "tables" / "columns.csv"
    if not path.is_file():
        return {}
    book = read_table(path)
    if not {"kind", "name", "column", "zh", "en"} <= set(book.columns):
        msg = f"{path}: is not the book of columns of a run. Run the study again"
        raise FileFormatError(msg)
    book = book[book["kind"] == "table"]
    return {(n, c): (zh, en) for n, c, zh, en in book[["name", "column", "zh", "en"]].itertuples(index=False)}


def _classes(theme: str, a: ResultFolder, b: ResultFolder) -> pd.DataFrame:
    """List required classes that nobody of a zone has within reach in one run, and somebody in the other."""
    tables = [_missing(run.path / "tables" / f"{theme}_missing.csv") for run in (a, b)]
    key = ["zone", "tier", "class"]
    if any(t is None for t in tables):
        return pd.DataFrame(columns=CLASSES)
    one, other = tables[0], tables[1]
    assert one is not None
    assert other is not None
    both = one.merge(other, on=key, how="outer", suffixes=("_a", "_b"), sort=False)
    # A class that only one run could judge has not come or gone.
    judged = [_judged(run.path / "tables" / f"{theme}_classes.csv") for run in (a, b)]
    known = [
        all(which is None or pair in which for which in judged)
        for pair in zip(both["tier"], both["class"], strict=True)
    ]
    both = both[np.array(known, dtype=bool)]
    gone, new = both["state_b"] != WHOLLY, both["state_a"] != WHOLLY
    both = both[gone ^ new].assign(theme=theme, change=np.where(gone, NO_LONGER, NEWLY_MISSING)[gone ^ new])
    for column in ("zone_name", "name_zh", "name_en"):
        both[column] = both[f"{column}_b"].fillna(both[f"{column}_a"])
    for run in "ab":
        # Nobody is without where the class is not on the list.
        both[f"without_{run}"] = pd.to_numeric(both[f"without_{run}"], errors="coerce").fillna(0.0)
    return both[CLASSES].reset_index(drop=True)


def _judged(path: Path) -> set[tuple[str, str]] | None:
    """Return tier and class of what a run judged; None where it does not say."""
    table = read_table(path) if path.is_file() else pd.DataFrame()
    if not {"tier", "class", "judged"} <= set(table.columns):
        return None
    table = table[table["judged"] == "true"]
    return set(zip(table["tier"], table["class"], strict=True))


def _missing(path: Path) -> pd.DataFrame | None:
    if not path.is_file():
        return None
    table = read_table(path)
    needed = ["zone", "zone_name", "tier", "class", "name_zh", "name_en", "requirement", "without", "state"]
    lost = [column for column in needed if column not in table.columns]
    if lost:
        msg = f"{path}: lacks the column {', '.join(lost)}. Run the study again"
        raise FileFormatError(msg)
    return table.loc[table["requirement"] == "required", needed]
