"""Which class of a view each row of its table is in, worked out once here, so that the page cannot decide otherwise."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.outputs.views import Condition, View

NOT_SHOWN = -1
FIRST_MARK, HIDDEN_MARK = 48, 45
"""A row's class as one character: "0" is the first; "-" is a row that the view does not show."""


def class_marks(view: View, frame: pd.DataFrame) -> str:
    """Return one character a row of the table: the place of its class in the legend."""
    codes = class_of_rows(view, frame)
    letters = np.where(codes == NOT_SHOWN, HIDDEN_MARK, codes + FIRST_MARK)
    return letters.astype(np.uint8).tobytes().decode("latin-1")


def class_of_rows(view: View, frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return the place of each row's class in the legend, -1 where the view does not show the row."""
    codes = np.full(len(frame), NOT_SHOWN, dtype=np.int64)
    open_rows = np.ones(len(frame), dtype=bool)
    for condition in view.where:
        open_rows &= _holds(condition, frame)
    column = None if view.column is None else frame[view.column]
    for place, one in enumerate(view.classes):
        if view.kind == "single" or column is None:
            rows = np.ones(len(frame), dtype=bool)
        elif one.missing:
            rows = column.isna().to_numpy(dtype=bool)
        elif one.value is not None:
            rows = (column == one.value).fillna(False).to_numpy(dtype=bool)
        else:
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            low = -np.inf if one.low is None else one.low
            high = np.inf if one.high is None else one.high
            rows = (values > low) & (values <= high)
        codes[open_rows & rows & (codes == NOT_SHOWN)] = place
    return codes


def _holds(condition: Condition, frame: pd.DataFrame) -> NDArray[np.bool_]:
    return frame[condition.column].isin(list(condition.values)).to_numpy(dtype=bool)
