"""How many demand points reach nothing: every answer says it, none hides it behind a number."""

import numpy as np
import pandas as pd

from siting.errors import SchemaError

COLUMNS = ("cost", "nearest")


def count_unreachable(table: pd.DataFrame) -> int:
    """Count the demand points of an answer that reach no facility.

    Parameters
    ----------
    table : what `nearest`, `k_nearest` or `detour_ratio` (column ``cost``), `cumulative`, `gravity` or the floating
        catchments (column ``nearest``) returned; of ranked answers the first rank is looked at

    Raises
    ------
    SchemaError
        The table has no such column.
    """
    column = next((c for c in COLUMNS if c in table.columns), None)
    if column is None:
        msg = f"count_unreachable: the table has none of the columns {', '.join(COLUMNS)}; pass an answer of access"
        raise SchemaError(msg)
    rows = table
    if "rank" in table.index.names:
        rows = table[table.index.get_level_values("rank") == 1]
    return int((~np.isfinite(rows[column].to_numpy(dtype=np.float64))).sum())
