"""The layers of a finished result folder, read one at a time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from siting.errors import FileFormatError, InputError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.outputs.folder import EVIDENCE

LAYERS, BOOK = "results.gpkg", ("tables", "columns.csv")
INNER = ("layer_styles", "qgis_projects")


@dataclass(frozen=True, slots=True)
class FinishedResult:
    """A result folder: its layers by name with their kind of shape (None: a table), in order."""

    folder: Path
    shapes: dict[str, str | None]

    @classmethod
    def open(cls, folder: Path) -> "FinishedResult":
        """Open what `siting run` or `siting compare` wrote.

        Raises
        ------
        InputError
            There is no such folder, or it is no result.
        FileFormatError
            Its layers cannot be read.
        """
        if not folder.is_dir():
            msg = f"{folder}: there is no such folder. Give a folder that siting run wrote"
            raise InputError(msg)
        if not (folder / EVIDENCE).is_file() or not (folder / LAYERS).is_file():
            lost = LAYERS if (folder / EVIDENCE).is_file() else EVIDENCE
            msg = f"{folder}: is no result of siting run, it lacks {lost}. Give a folder that siting run wrote"
            raise InputError(msg)
        try:
            listed = pyogrio.list_layers(folder / LAYERS)
        except (RuntimeError, ValueError, OSError) as error:  # GDAL's own errors are RuntimeErrors
            msg = f"{folder / LAYERS}: cannot be read ({error}). Run the study again"
            raise FileFormatError(msg) from error
        return cls(folder, {str(name): kind for name, kind in listed if name not in INNER})

    def chosen(self, layers: Sequence[str] | None) -> list[str]:
        """Return the layers asked for, or all that have shapes.

        Raises
        ------
        InputError
            There is no such layer, or it is a table without shapes.
        """
        if layers is None:
            return [name for name, kind in self.shapes.items() if kind is not None]
        if not layers:
            msg = "no layer is named; leave layers out for all of them"
            raise InputError(msg)
        drawn = [name for name, kind in self.shapes.items() if kind is not None]
        for name in layers:
            if name not in self.shapes:
                meant = hint(name, drawn) or "."
                msg = f"{self.folder / LAYERS}: there is no layer '{name}'{meant} It has {', '.join(drawn)}"
                raise InputError(msg)
            if self.shapes[name] is None:
                msg = f"layer '{name}' is a table without shapes: take tables/{name}.csv of {self.folder}"
                raise InputError(msg)
        return list(dict.fromkeys(layers))

    def read(self, name: str) -> gpd.GeoDataFrame:
        """Read one layer; truth values and whole numbers stay so where cells are missing."""
        path = self.folder / LAYERS
        try:
            frame = pyogrio.read_dataframe(path, layer=name)
            info = pyogrio.read_info(path, layer=name)
        except (RuntimeError, ValueError, OSError) as error:
            msg = f"{path}, layer {name}: cannot be read ({error}). Run the study again"
            raise FileFormatError(msg) from error
        for field, kind in zip(info["fields"], info["dtypes"], strict=True):
            if pd.api.types.is_float_dtype(frame[field].dtype) and str(kind).startswith(("int", "bool")):
                # Missing cells made them floats.
                frame[field] = frame[field].astype("boolean" if str(kind) == "bool" else "Int64")
        return gpd.GeoDataFrame(frame)

    def book(self) -> dict[tuple[str, str], Text]:
        """Return what the columns mean, by layer and column, as far as the result says it."""
        path = self.folder.joinpath(*BOOK)
        if not path.is_file():
            return {}
        try:
            table = pd.read_csv(path, dtype="str", encoding="utf-8-sig", keep_default_na=False)
            rows = table[table["kind"] == "layer"]
            texts = zip(rows["name"], rows["column"], rows["zh"], rows["en"], strict=True)
            return {(name, column): Text(zh, en) for name, column, zh, en in texts}
        except (ValueError, KeyError, OSError) as error:
            msg = f"{path}: cannot be read ({error}). Run the study again"
            raise FileFormatError(msg) from error

    def evidence(self) -> dict[str, Any]:
        """Return what the figures rest on."""
        try:
            content = json.loads((self.folder / EVIDENCE).read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            msg = f"{self.folder / EVIDENCE}: cannot be read ({error}). Run the study again"
            raise FileFormatError(msg) from error
        return content if isinstance(content, dict) else {}
