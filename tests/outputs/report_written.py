"""A report with the tables and the summary that lie beside it, as files."""

import json

import numpy as np
import pandas as pd

from siting.outputs.layers import result_layers
from siting.outputs.maps.png import write_png
from siting.outputs.report import write_report
from siting.outputs.summary import summary, write_json
from siting.outputs.tables import result_tables, write_table


class Written:
    """A run's report in a folder, with one picture for all its maps."""

    def __init__(self, run, folder, maps=True):
        self.run, self.folder = run, folder
        self.html, self.docx = folder / "report.html", folder / "report.docx"
        tables = result_tables(run, result_layers(run)[0])
        for name, table in tables.items():
            write_table(folder / f"{name}.csv", table)
        write_json(folder / "summary.json", summary(run))
        picture = folder / "map.png"
        write_png(picture, np.full((60, 40, 3), 200, dtype=np.uint8), 150)
        names = ["coverage_toilet.radius-300", "coverage_park.radius.500", "plan_more_toilets"] if maps else []
        write_report(self.html, self.docx, run, tables, dict.fromkeys(names, picture))
        self.summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))

    def csv(self, name):
        return pd.read_csv(self.folder / f"{name}.csv", encoding="utf-8-sig", dtype={"zone": str, "rule": str})
