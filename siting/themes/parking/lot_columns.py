"""What the columns of a car park say that cannot be used: its kind, its users, its storeys, its area."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.inputs.schema import SHOWN_IN_MESSAGES, listed, parse_number
from siting.ledger import Finding, Text
from siting.themes.parking.capacity import MISSING
from siting.themes.parking.kinds import reads_kind, reads_users

FIELDS: dict[str, Text] = {
    "kind": Text("类型", "kind"),
    "users": Text("使用对象", "users"),
    "levels": Text("层数", "levels"),
    "area_m2": Text("面积", "area"),
}
"""Columns of car parks that may be there, in words."""
TAKEN: dict[str, Text] = {
    "kind": Text("按不详处理", "taken as unknown"),
    "users": Text("按图层类别处理", "taken as the class of the layer says"),
    "levels": Text("按不详处理", "taken as unknown"),
    "area_m2": Text("按所绘范围处理，无范围的为不详", "taken from the drawn ground, unknown without one"),
}
"""What a car park is taken for where its column cannot be used."""
_HOW: dict[str, Text] = {
    "kind": Text(
        "可用的写法：地面、停车楼、地下、机械式、路内；其他写法用 [parking.columns] kind_values 对应",
        "words that are read: surface, building, underground, mechanical, kerb; name others in [parking.columns] "
        "kind_values",
    ),
    "users": Text(
        "可用的写法：公共、居民、单位；其他写法（如“共享”）用 [parking.columns] users_values 对应",
        "words that are read: public, residents, private; name others (such as 'shared') in [parking.columns] "
        "users_values",
    ),
    "levels": Text("请写大于 0 的数", "write a number above 0"),
    "area_m2": Text("请写大于 0 的平方米数", "write square metres above 0"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """A field, and what the car parks say of it that cannot be used, by id."""

    field: str
    said: pd.Series

    @property
    def check(self) -> str:
        """The code of the census."""
        return f"{self.field}_not_read"

    def detail(self, text: object) -> Text:
        """Say what one row says, and what it is taken for."""
        field, taken = FIELDS[self.field], TAKEN[self.field]
        return Text(f"{field.zh}“{text}”无法识别，{taken.zh}", f'{field.en} "{text}" is not read: {taken.en}')

    def finding(self) -> Finding:
        """Count the rows, with the first of them and what would be read."""
        field, taken, how, n = FIELDS[self.field], TAKEN[self.field], _HOW[self.field], len(self.said)
        first = self.said.head(SHOWN_IN_MESSAGES).items()
        rows = [(f"{lot}：“{text}”", f"{lot}: '{text}'") for lot, text in first]
        said = Text(
            f"{n} 处停车场的{field.zh}无法识别，{taken.zh}，不补数（{'；'.join(zh for zh, _ in rows)}）。{how.zh}",
            f"{field.en} of {n} car parks is not read: {taken.en}, nothing is filled in "
            f"({'; '.join(en for _, en in rows)}). {how.en[0].upper()}{how.en[1:]}",
        )
        return Finding(code=self.check, kind="warning", count=n, text=said, ids=listed(self.said.index))


def not_read(rows: gpd.GeoDataFrame) -> list[NotRead]:
    """List what the columns `FIELDS` hold that is neither empty nor usable."""
    tests = {"kind": reads_kind, "users": reads_users, "levels": _above_zero, "area_m2": _above_zero}
    found = []
    for field, reads in tests.items():
        if field not in rows.columns:
            continue
        column = rows[field].astype(object)
        bad = column[[not is_empty(value) and not reads(value) for value in column]]
        if len(bad):
            found.append(NotRead(field=field, said=bad.map(lambda value: str(value).strip())))
    return found


def is_empty(value: object) -> bool:
    """Whether a cell says nothing: no value, no text, or a word for "not known"."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return True
    if not isinstance(value, str):
        return False
    return value.strip().casefold() in MISSING


def number_above_zero(value: object) -> float:
    """Read a number above 0, "1,200" as well as 1200; NaN where it is none."""
    if is_empty(value):
        return float("nan")
    number, _, unreadable = parse_number(value)
    return float(number) if not unreadable and np.isfinite(number) and number > 0 else float("nan")


def _above_zero(value: object) -> bool:
    return bool(np.isfinite(number_above_zero(value)))
