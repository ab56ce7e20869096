"""Tables joined to layers, and the small choices of the reader."""

import geopandas as gpd
import pandas as pd
import pytest

from siting.errors import FileFormatError, SchemaError
from siting.inputs.tables import decode, join_table, sniff_delimiter


def zones():
    index = pd.Index(["1", "2", "3"], name="id")
    return gpd.GeoDataFrame(
        {"name": list("abc")}, geometry=gpd.points_from_xy([0, 1, 2], [0, 1, 2]), index=index, crs=4547
    )


@pytest.mark.parametrize("ids", [[1, 2, 4], [1.0, 2.0, 4.0], ["1", " 2", "4"]])
def test_row46_ids_of_any_type_meet_and_the_rest_is_listed(ids):
    joined, findings = join_table(zones(), pd.DataFrame({"zone": ids, "people": [10, 20, 40]}), "zone", "zones")
    assert joined["people"].fillna(-1).tolist() == [10, 20, -1]
    assert {f.code: f.ids for f in findings} == {"unmatched_layer": ("3",), "unmatched_table": ("4",)}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"zone": [1, 1], "people": [1, 2]}, "more than once"),
        ({"zone": [8, 9], "people": [1, 2]}, r"no id of the table's 'zone' \(8, 9\)"),
        ({"zone": [1, 2], "name": ["x", "y"]}, "columns name are in the table and in the layer"),
        ({"Zone": [1, 2]}, "did you mean 'Zone'"),
    ],
)
def test_tables_that_cannot_be_joined(table, says):
    with pytest.raises(SchemaError, match=says):
        join_table(zones(), pd.DataFrame(table), "zone", "zones")


def test_delimiter_is_that_of_the_header_outside_quotes():
    assert sniff_delimiter('"a,b,c";d;e\n1,5;2;3\n') == ";"
    assert sniff_delimiter("\n\na\tb,c\td\n") == "\t"
    assert sniff_delimiter("one\n") == ","


def test_row53_utf16_with_a_mark_is_read():
    assert decode("经度".encode("utf-16"), "x", "y") == "经度"


def test_row51_gbk_is_read_by_its_larger_set():
    assert decode("䶮".encode("gb18030"), "x", "y", "gb2312") == "䶮"


def test_row51_neither_encoding_fits():
    with pytest.raises(FileFormatError, match=r"gb18030\": \(does not read\)"):
        decode(b"a,b\n\xff\xff,\x80\n", "x", "y")
