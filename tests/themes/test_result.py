"""A theme's layers describe themselves; what cannot be shown is refused when it is made."""

import geopandas as gpd
import pandas as pd
import pytest

from siting.errors import SchemaError
from siting.ledger import Text
from siting.themes import Class, Scale, ThemeLayer, ThemeResult, ThemeTable

TITLE = Text("社区", "Communities")
YES = Class(value="yes", name=Text("达标", "met"), role="good")


def frame(**columns):
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy([0, 1], [0, 0]), crs=3857)


def test_a_layer_is_coloured_by_a_column_that_it_has():
    with pytest.raises(SchemaError, match="coloured by 'state', which it does not have"):
        ThemeLayer(name="t_a", title=TITLE, frame=frame(x=[1, 2]), show="state", classes=(YES,))


def test_a_coloured_layer_has_classes_or_a_scale_and_not_both():
    scale = Scale(unit=Text("人", "people"), ramp="neutral")
    with pytest.raises(SchemaError, match="either classes or a scale"):
        ThemeLayer(name="t_a", title=TITLE, frame=frame(x=["yes", "yes"]), show="x")
    with pytest.raises(SchemaError, match="either classes or a scale"):
        ThemeLayer(name="t_a", title=TITLE, frame=frame(x=["yes", "yes"]), show="x", classes=(YES,), scale=scale)


def test_a_value_without_a_class_would_be_invisible_so_it_is_refused():
    with pytest.raises(SchemaError, match="holds no, which is no class of it"):
        ThemeLayer(name="t_a", title=TITLE, frame=frame(x=["yes", "no"]), show="x", classes=(YES,))
    assert ThemeLayer(name="t_a", title=TITLE, frame=frame(x=["yes", None]), show="x", classes=(YES,)).show == "x"


def test_layers_and_tables_are_found_by_name():
    layer = ThemeLayer(name="t_a", title=TITLE, frame=frame(x=[1, 2]))
    table = ThemeTable(name="t_b", title=TITLE, frame=pd.DataFrame({"x": [1]}))
    result = ThemeResult(theme="t", title=TITLE, layers=(layer,), tables=(table,))
    assert result.layer("t_a") is layer
    assert result.table("t_b") is table
    with pytest.raises(KeyError, match="there are t_b"):
        result.table("t_a")
