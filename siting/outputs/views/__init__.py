"""How the tables of a result are read: one view a rule, plan and theme, the same in QGIS, page and report.

A view names a table of `results.gpkg`, which of its rows it shows, in which classes and colours, under which words.
The writers of QGIS projects and of the page only put a view into their own language.
"""

from siting.outputs.views.columns import column_texts
from siting.outputs.views.model import Condition, Group, View, ViewClass
from siting.outputs.views.of_run import views_of

__all__ = ["Condition", "Group", "View", "ViewClass", "column_texts", "views_of"]
