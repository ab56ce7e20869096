"""One layer of a study: from its table in the study file to a checked frame, its faults gathered with all others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import geopandas as gpd
import pandas as pd
import pyproj

from siting.errors import InputError, SchemaError
from siting.inputs.layers import Layer, LayerSpec, read_layer
from siting.inputs.schema import Faults, listed, some
from siting.ledger import Account, Finding, Text
from siting.nearest_word import hint
from siting.study import Study
from siting.study.settings import LayerTable

Geometry = Literal["point", "line", "polygon", "any"]
_T = TypeVar("_T")


@dataclass
class Reader:
    """Reads layers of one study and keeps what went wrong, so that all of it is said at once.

    Attributes
    ----------
    study : whose paths are resolved
    faults : of all layers read so far
    accounts : what became of the rows of each layer
    """

    study: Study
    faults: Faults = field(default_factory=Faults)
    accounts: list[Account] = field(default_factory=list)

    def layer(
        self,
        name: str,
        table: LayerTable,
        kind: Geometry,
        crs: pyproj.CRS | None = None,
        required: tuple[str, ...] = (),
        weight: str | None = None,
    ) -> Layer | None:
        """Read a layer; None, with its faults noted, where it cannot be used."""
        return self.attempt(lambda: self._read(name, table, kind, crs, required, weight))

    def read(self, name: str, table: LayerTable, kind: Geometry, crs: pyproj.CRS | None = None) -> Layer:
        """Read a layer; its faults are raised."""
        return self._read(name, table, kind, crs, (), None)

    def attempt(self, read: Callable[[], _T]) -> _T | None:
        """Call ``read``; an `InputError` is noted in place of raised."""
        try:
            return read()
        except InputError as error:
            self.faults.add(str(error), type(error))
            return None

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note the `InputError` of a block in place of raising it."""
        try:
            yield
        except InputError as error:
            self.faults.add(str(error), type(error))

    def _read(
        self,
        name: str,
        table: LayerTable,
        kind: Geometry,
        crs: pyproj.CRS | None,
        required: tuple[str, ...],
        weight: str | None,
    ) -> Layer:
        spec = LayerSpec(
            name=name,
            source=self.study.resolve(table.source),
            layer=table.layer,
            id=table.id,
            encoding=table.encoding,
            coords=table.coords,
            crs=table.crs,
            lon=table.lon,
            lat=table.lat,
        )
        # The column of ids becomes the index; it can still be asked for by its name.
        ids = {"id", table.id}
        named = tuple(c for c in (table.name, *table.where) if c is not None and c not in ids)
        layer = read_layer(spec, kind=kind, crs=crs, required=(*required, *named), weight=weight)
        layer = _kept(layer, table)
        if table.name in ids and table.name is not None and table.name not in layer.frame:
            layer = replace(layer, frame=layer.frame.assign(name=layer.frame.index.astype(str)))
        elif table.name is not None and table.name != "name":
            frame = layer.frame.drop(columns="name", errors="ignore").rename(columns={table.name: "name"})
            # The column may be wanted under its own name too, as an id or a population.
            frame[table.name] = frame["name"]
            layer = replace(layer, frame=frame)
        self.accounts.append(layer.account)
        return layer


def _kept(layer: Layer, table: LayerTable) -> Layer:
    """Keep the rows that the study asks for; the others are listed."""
    if not table.where:
        return layer
    keep = pd.Series(True, index=layer.frame.index)
    for column, wanted in table.where.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        texts = {_plain(v) for v in values}
        cells = layer.frame[column] if column in layer.frame else layer.frame.index.to_series()
        found = cells.map(_plain)
        if not found.isin(texts).any():
            there = sorted(set(found))
            msg = (
                f"{layer.name}: no row has {column} = {', '.join(map(str, values))}"
                f"{hint(str(values[0]), there)} (there are: {some(there)})"
            )
            raise SchemaError(msg)
        keep &= found.isin(texts)
    left_out = layer.frame.index[~keep]
    if not len(left_out):
        return layer
    finding = Finding(
        code="not_selected",
        kind="dropped",
        count=len(left_out),
        text=Text(
            f"研究文件的 where 条件未选用 {len(left_out)} 行",
            f"{len(left_out)} rows not selected by where in the study file",
        ),
        ids=listed(left_out),
    )
    account = replace(
        layer.account,
        rows_used=layer.account.rows_used - len(left_out),
        findings=(*layer.account.findings, finding),
    )
    return replace(layer, frame=gpd.GeoDataFrame(layer.frame[keep]), account=account)


def _plain(value: object) -> str:
    """Write a cell as text: 1, 1.0, true and True alike."""
    if isinstance(value, str):
        return value.strip().lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower()
