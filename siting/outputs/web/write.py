"""Write the page of a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from siting.ledger import Text
from siting.outputs.contract import RunLike
from siting.outputs.views import View
from siting.outputs.web.assemble import assemble
from siting.outputs.web.content import content


def write_page(
    path: Path,
    run: RunLike,
    layers: Mapping[str, pd.DataFrame],
    views: Sequence[View],
    columns: Mapping[str, Mapping[str, Text]],
) -> None:
    """Write `map.html`: one file that needs no network, with layers, legend, search, rules, plans and themes.

    Parameters
    ----------
    path : of the file
    layers : the tables of `results.gpkg`; see `siting.outputs.layers.result_layers`
    views : how they are read; see `siting.outputs.views.views_of`
    columns : what each column means; see `siting.outputs.views.column_texts`
    """
    path.write_text(assemble(content(run, layers, views, columns)), encoding="utf-8", newline="\n")
