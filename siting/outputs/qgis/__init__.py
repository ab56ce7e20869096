"""QGIS: named styles inside `results.gpkg` and `project.qgz`, written as QGIS writes them, without QGIS.

Both are made from the views of a run, so that a colour, a class and a name are the same as on maps and page.
"""

from siting.outputs.qgis.project import write_project
from siting.outputs.qgis.styles import NamedStyle, named_styles

__all__ = ["NamedStyle", "named_styles", "write_project"]
