"""Layers as cities hand them over: read, repaired with an account, or refused with the next step.

The row in a test's id is the row of the table of bad inputs that it stands for.
"""

import shutil
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from siting.errors import CRSError, FileFormatError, GeometryError, InputError, SchemaError, SitingError
from siting.inputs.datum import wgs84_to_bd09, wgs84_to_gcj02
from siting.inputs.layers import LayerSpec, convert_datum, read_layer

LON, LAT = [113.54, 113.55, 113.56], [22.19, 22.2, 22.21]
ROWS = "id,name,lon,lat,seats\nT1,路環船人街,113.54,22.19,4\nT2,路環打纜前地,113.55,22.2,6\nT3,黑沙,113.56,22.21,8\n"


def spec(source, **settings):
    return LayerSpec(name="toilets", source=Path(source), **settings)


def points(crs=4326, **columns):
    return gpd.GeoDataFrame(
        {"name": ["a", "b", "c"], **columns}, geometry=gpd.points_from_xy(LON, LAT), crs=4326
    ).to_crs(crs)


def text_file(folder, text, name="toilets.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def found(layer, kind=None):
    return {f.code: f.count for f in layer.account.findings if kind in (None, f.kind)}


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp", "parquet", "fgb", "csv", "zip"])
def test_every_format_gives_the_same_layer(tmp_path, ending):
    path = tmp_path / f"toilets.{ending}"
    frame = points(seats=[4, 6, 8])
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "csv":
        frame.drop(columns="geometry").assign(lon=LON, lat=LAT).to_csv(path, index=False)
    elif ending == "zip":
        frame.to_file(tmp_path / "toilets.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("toilets.*"):
                if part != path:
                    archive.write(part, part.name)
    else:
        frame.to_file(path, **({"SPATIAL_INDEX": "NO"} if ending == "fgb" else {}))  # an index would reorder the rows
    layer = read_layer(spec(path), kind="point", crs=4547, required=("seats",))
    assert layer.frame.index.tolist() == ["0", "1", "2"]
    assert layer.frame.index.name == "id"
    assert layer.frame["seats"].tolist() == [4, 6, 8]
    assert layer.frame.crs.to_epsg() == 4547
    assert layer.frame.geometry.distance(points(4547).geometry.set_axis(["0", "1", "2"])).max() < 1e-3
    assert (layer.account.rows_in, layer.account.rows_used) == (3, 3)
    assert len(layer.account.sha256) == 64


def test_a_path_alone_is_enough(tmp_path):
    layer = read_layer(text_file(tmp_path, ROWS))
    assert (layer.name, list(layer.frame.index)) == ("toilets", ["T1", "T2", "T3"])


def test_columns_are_renamed_and_filled(tmp_path):
    path = text_file(tmp_path, ROWS.replace(",6\n", ",\n"))
    layer = read_layer(spec(path, columns={"capacity": "seats"}, fill={"capacity": 1}), kind="point")
    assert layer.frame["capacity"].tolist() == [4.0, 1.0, 8.0]
    assert found(layer, "repaired") == {"filled": 1}


# --- B. coordinate systems


@pytest.mark.parametrize(
    ("text", "settings", "error", "says"),
    [
        pytest.param("wkt\nPOINT (1 2)\n", {}, CRSError, "has no coordinate reference system", id="row24-csv-wkt"),
        pytest.param(
            "x,y\n455000,2456000\n", {}, CRSError, "are not degrees, and a table states no CRS", id="row24-csv-xy"
        ),
        pytest.param(
            "lon,lat\n22.19,113.54\n22.2,113.55\n",
            {},
            CRSError,
            r"2 rows .*look swapped: inside China",
            id="row27-swapped",
        ),
        pytest.param("lon,lat\n43.9,81.3\n", {}, CRSError, "look swapped: inside China", id="row27-swapped-far-west"),
        pytest.param("lon,lat\n-51,-30\n-30,-151\n", {}, CRSError, r"ids 1.*look swapped", id="row27-swapped-abroad"),
        pytest.param(
            "lon,lat\n455000,2456000\n",
            {"crs": "EPSG:4326"},
            CRSError,
            "They look like metres",
            id="row28-metres-as-4326",
        ),
        pytest.param(
            "lon,lat\n113.54,22.19\n113.55,22.2\n",
            {"crs": "EPSG:4547"},
            CRSError,
            "in degrees: set crs",
            id="row29-degrees",
        ),
        pytest.param(
            "lon,lat\n113.54,22.19\n113.55,22.2\n",
            {"crs": "EPSG:3857"},
            CRSError,
            "in degrees: set crs",
            id="row29-mercator",
        ),
        pytest.param(
            "x,y\n1e20,2456000\n", {"crs": "EPSG:4547"}, CRSError, "lie far outside EPSG:4547", id="row10-huge"
        ),
        pytest.param(
            "x,y\n400000,4425229\n", {"crs": "EPSG:2437"}, CRSError, "differs from city to city", id="row34-beijing54"
        ),
        pytest.param("x,y\n400000,4425229\n", {"crs": "EPSG:2343"}, CRSError, "Xian 1980", id="row34-xian80"),
        pytest.param(
            "x,y\n38425229,2456000\n",
            {"crs": "EPSG:4547"},
            CRSError,
            "zone number 38: set crs = 'EPSG:4526'",
            id="row35-prefix",
        ),
        pytest.param(
            "x,y\n425229,2456000\n",
            {"crs": "EPSG:4526"},
            CRSError,
            "lack the zone number .* 'EPSG:4547'",
            id="row35-no-prefix",
        ),
        pytest.param(
            "x,y\n2456000,455000\n", {"crs": "EPSG:4547"}, CRSError, "north before east", id="row37-axis-order"
        ),
        pytest.param("x,y\n1,2\n", {"crs": "EPSG:nonsense"}, CRSError, "names no coordinate", id="row39-nonsense"),
        pytest.param("lon,lat\n-179.9,1\n179.9,2\n", {}, CRSError, "antimeridian", id="row21-antimeridian"),
    ],
)
def test_contradicting_coordinates_are_refused(tmp_path, text, settings, error, says):
    with pytest.raises(error, match=says):
        read_layer(spec(text_file(tmp_path, text), **settings), kind="point", crs=4547)


@pytest.mark.parametrize("crs", [3857, 4490, "EPSG:2263"])
def test_row30_and_38_working_crs_in_degrees_or_web_mercator_is_refused(tmp_path, crs):
    with pytest.raises(CRSError):
        read_layer(spec(text_file(tmp_path, ROWS)), kind="point", crs=crs)


def test_row24_shapefile_without_prj_is_refused_and_crs_mends_it(tmp_path):
    points().to_file(tmp_path / "t.shp")
    (tmp_path / "t.prj").unlink()
    with pytest.raises(CRSError, match=r"'t\.shp' has no coordinate reference system\. Set crs"):
        read_layer(spec(tmp_path / "t.shp"), kind="point")
    assert read_layer(spec(tmp_path / "t.shp", crs="EPSG:4326"), kind="point").frame.crs.to_epsg() == 4326


def test_row39_broken_prj_is_refused_with_its_text(tmp_path):
    points().to_file(tmp_path / "t.shp")
    (tmp_path / "t.prj").write_text("GEOGCS[oops")
    with pytest.raises(CRSError, match=r"GEOGCS\[oops"):
        read_layer(spec(tmp_path / "t.shp"), kind="point")


def test_row28_wrong_label_is_mended_by_crs_with_a_warning(tmp_path):
    points(4547).set_crs(4326, allow_override=True).to_file(tmp_path / "t.gpkg")
    with pytest.raises(CRSError, match="look like metres"):
        read_layer(spec(tmp_path / "t.gpkg"), kind="point")
    layer = read_layer(spec(tmp_path / "t.gpkg", crs="EPSG:4547"), kind="point")
    assert found(layer, "warning") == {"crs_overridden": 1}


def test_row33_cgcs2000_is_taken_as_wgs84_and_noted(tmp_path):
    points().set_crs(4490, allow_override=True).to_file(tmp_path / "t.gpkg")
    layer = read_layer(spec(tmp_path / "t.gpkg"), kind="point", crs=4547)
    assert found(layer, "note") == {"cgcs2000_as_wgs84": 1}
    assert layer.frame.geometry.distance(points(4547).geometry.set_axis(["0", "1", "2"])).max() < 1.0


def test_csv_degrees_are_wgs84_by_convention_and_the_account_says_so(tmp_path):
    assert found(read_layer(spec(text_file(tmp_path, ROWS)), kind="point")) == {"crs_by_convention": 3}


@pytest.mark.parametrize(("coords", "shift"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_row31_shifted_coordinates_are_converted(tmp_path, coords, shift):
    x, y = shift(LON, LAT)
    path = text_file(
        tmp_path,
        "id,lng,lat\n"
        + "".join(f"{k},{a!r},{b!r}\n" for k, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True))),
    )
    layer = read_layer(spec(path, coords=coords), kind="point")
    assert layer.converted_from == coords
    assert layer.frame.geometry.x.tolist() == pytest.approx(LON, abs=1e-10)
    assert layer.frame.geometry.y.tolist() == pytest.approx(LAT, abs=1e-10)
    assert found(layer) == {"datum_converted": 3}


def test_row32_a_second_conversion_is_refused(tmp_path):
    layer = read_layer(spec(text_file(tmp_path, ROWS), coords="gcj02"), kind="point")
    with pytest.raises(CRSError, match="already converted from gcj02"):
        convert_datum(layer, "bd09")


def test_row32_points_where_there_is_no_shift_stay_and_warn(tmp_path):
    layer = read_layer(spec(text_file(tmp_path, ROWS + "P,Lisboa,-9.14,38.71,1\n"), coords="gcj02"), kind="point")
    assert found(layer, "warning") == {"datum_outside": 1}
    assert layer.frame.geometry["P"].equals(shapely.Point(-9.14, 38.71))


def test_row31_metres_have_no_shift_to_undo(tmp_path):
    points(4547).to_file(tmp_path / "t.gpkg")
    with pytest.raises(CRSError, match="needs longitude and latitude"):
        read_layer(spec(tmp_path / "t.gpkg", coords="gcj02"), kind="point")


# --- C. attributes


@pytest.mark.parametrize(
    ("text", "settings", "required", "says"),
    [
        pytest.param(ROWS, {"id": "code"}, (), "no column 'code'", id="row48-id"),
        pytest.param(ROWS, {}, ("Seats",), "no column 'Seats'; did you mean 'seats'", id="row48-case"),
        pytest.param(
            ROWS, {"columns": {"capacity": "seat"}}, (), "no column 'seat'; did you mean 'seats'", id="row48-map"
        ),
        pytest.param(ROWS.replace("T3", "T1"), {}, (), r"1 ids of 'id' occur more than once \(T1\)", id="row45"),
        pytest.param(ROWS, {"fill": {"name": 0}}, (), "3 of 3 values of 'name' are no numbers", id="row43-fill"),
        pytest.param(ROWS, {"lon": "lon"}, (), "lon and lat name a pair", id="half-a-pair"),
        pytest.param(ROWS.replace("113.55", "东经113.55"), {}, (), "T2|1 '东经113.55'", id="row43-coordinate"),
        pytest.param(ROWS.replace("113.55", '"113,550"'), {}, (), "with commas", id="row43-coordinate-comma"),
        pytest.param("id,lon,lat,lon\n1,2,3,4\n", {}, (), "several columns named lon", id="row48-twice"),
        pytest.param(
            "id,address\n1,路環\n", {}, (), "no coordinate columns found. It has: id, address", id="row48-no-lonlat"
        ),
    ],
)
def test_bad_tables_are_refused(tmp_path, text, settings, required, says):
    with pytest.raises(SchemaError, match=says):
        read_layer(spec(text_file(tmp_path, text), **settings), kind="point", required=required)


def test_row49_a_column_named_fid_is_no_trouble(tmp_path):
    layer = read_layer(spec(text_file(tmp_path, ROWS.replace("seats", "fid"))), kind="point")
    assert layer.frame["fid"].tolist() == [4, 6, 8]


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_row51_other_encodings_are_proposed_with_a_sample_and_read_when_declared(tmp_path, encoding):
    text = ROWS.replace("纜", "地") if encoding == "big5" else ROWS
    path = text_file(tmp_path, text, encoding=encoding)
    with pytest.raises(FileFormatError) as raised:
        read_layer(spec(path), kind="point")
    message = str(raised.value)
    first = message.splitlines()[1]
    assert f'encoding = "{encoding}": T1,路環船人街' in first
    assert 'encoding = "gb18030"' in message
    assert 'encoding = "big5"' in message
    assert read_layer(spec(path, encoding=encoding), kind="point").frame["name"].iloc[0] == "路環船人街"


def test_row51_unknown_or_wrong_declared_encoding_is_refused(tmp_path):
    path = text_file(tmp_path, ROWS, encoding="gb18030")
    with pytest.raises(SchemaError, match="encoding 'gbk18030' is unknown"):
        read_layer(spec(path, encoding="gbk18030"), kind="point")
    with pytest.raises(FileFormatError, match="is not ascii text"):
        read_layer(spec(path, encoding="ascii"), kind="point")


def gbk_shapefile(folder):
    frame = points().assign(name=["番禺区", "路环", "氹仔"])
    frame.to_file(folder / "t.shp", encoding="cp936")
    (folder / "t.cpg").unlink()
    dbf = bytearray((folder / "t.dbf").read_bytes())
    dbf[29] = 0  # no code page stated
    (folder / "t.dbf").write_bytes(dbf)
    return folder / "t.shp"


def test_row52_gbk_shapefile_without_cpg_is_read_with_a_warning(tmp_path):
    layer = read_layer(spec(gbk_shapefile(tmp_path)), kind="point")
    assert layer.frame["name"].tolist() == ["番禺区", "路环", "氹仔"]
    assert found(layer, "warning") == {"encoding_guessed": 3}


def test_row52_zipped_as_well(tmp_path):
    gbk_shapefile(tmp_path)
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for part in tmp_path.glob("t.*"):
            if part.suffix != ".zip":
                archive.write(part, f"数据/{part.name}")
    layer = read_layer(spec(tmp_path / "t.zip"), kind="point")
    assert layer.frame["name"].tolist() == ["番禺区", "路环", "氹仔"]


@pytest.mark.parametrize(
    ("names", "encoding"), [(["Peñón", "Café", "Sé"], "ISO-8859-1"), (["番禺区", "路环", "氹仔"], "utf-8")]
)
def test_row52_other_texts_are_not_taken_for_gbk(tmp_path, names, encoding):
    points().assign(name=names).to_file(tmp_path / "t.shp", encoding=encoding)
    (tmp_path / "t.cpg").unlink()
    layer = read_layer(spec(tmp_path / "t.shp"), kind="point")
    assert layer.frame["name"].tolist() == names
    assert "encoding_guessed" not in found(layer)


def test_row53_bom_mixed_line_ends_and_quoted_newlines(tmp_path):
    text = '\ufeffid,name,lon,lat\r\nT1,"路環\n船人街",113.54,22.19\nT2,"a, ""b""",113.55,22.2\r\n\r\n'
    layer = read_layer(spec(text_file(tmp_path, text)), kind="point")
    assert layer.frame["name"].tolist() == ["路環\n船人街", 'a, "b"']


# --- E. files


def damaged(folder, kind):
    frame = points(seats=[1, 2, 3])
    good = folder / f"good.{kind}"
    frame.to_parquet(good) if kind == "parquet" else pd.concat([frame] * 400).to_file(good)
    bad = folder / f"t.{kind}"
    data = good.read_bytes()
    bad.write_bytes(data[: len(data) * 2 // 3])
    return bad


@pytest.mark.parametrize(
    "kind", [pytest.param("gpkg", id="row68-gpkg"), pytest.param("geojson", id="row70-geojson"), "parquet", "fgb"]
)
def test_truncated_files_are_refused(tmp_path, kind):
    with pytest.raises(FileFormatError, match="looks damaged or incomplete"):
        read_layer(spec(damaged(tmp_path, kind)), kind="point")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        pytest.param("t.gpkg", b"", "is empty", id="row69-empty"),
        pytest.param("t.gpkg", b"just text", "is not a .gpkg file inside", id="row69-text"),
        pytest.param("t.zip", b"PK\x03\x04broken", "damaged zip", id="row88-broken-zip"),
        pytest.param("t.xlsx", b"PK\x03\x04", "unknown ending", id="unknown-ending"),
        pytest.param("t.vrt", b"<OGRVRTDataSource/>", r"virtual file \(VRT\)", id="row93-vrt"),
        pytest.param("t.geojson", b"<OGRVRTDataSource/>", "is not a .geojson file inside", id="row93-vrt-renamed"),
        pytest.param("t.csv", b"a,b\n1,2\x00\n", "null characters", id="binary-csv"),
        pytest.param("t.csv", b'lon,lat,n\n1,2,"a\n', "not an even table", id="open-quote"),
        pytest.param("t.csv", b"lon,lat\n1,2\n1,2,3\n", "not an even table", id="long-row"),
        pytest.param("t.csv", b"\n \n", "is empty", id="blank-csv"),
    ],
)
def test_files_that_are_not_what_they_say_are_refused(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileFormatError, match=says):
        read_layer(spec(tmp_path / name), kind="point")


@pytest.mark.parametrize(("gone", "named"), [(".shx", "t.shx"), (".dbf", "t.dbf")])
def test_row74_shapefile_without_a_part_names_it(tmp_path, gone, named):
    points().to_file(tmp_path / "t.shp")
    (tmp_path / f"t{gone}").unlink()
    with pytest.raises(FileFormatError, match=f"lacks its part {named}"):
        read_layer(spec(tmp_path / "t.shp"), kind="point")


def test_row75_several_layers_and_none_named(tmp_path):
    points().to_file(tmp_path / "t.gpkg", layer="toilets")
    points().to_file(tmp_path / "t.gpkg", layer="bins")
    with pytest.raises(SchemaError, match=r"holds 2 layers \(toilets, bins\). Name one"):
        read_layer(spec(tmp_path / "t.gpkg"), kind="point")
    with pytest.raises(SchemaError, match="no layer 'bin'; did you mean 'bins'"):
        read_layer(spec(tmp_path / "t.gpkg", layer="bin"), kind="point")
    assert len(read_layer(spec(tmp_path / "t.gpkg", layer="bins"), kind="point").frame) == 3


@pytest.mark.parametrize("name", ["a b.csv", "公厕.csv", "l'Horta.csv", "100%.csv", "{x}.csv"])
def test_row78_odd_names_work(tmp_path, name):
    assert len(read_layer(spec(text_file(tmp_path, ROWS, name)), kind="point").frame) == 3
    shp = (tmp_path / name).with_suffix(".shp")
    points().to_file(shp)
    assert len(read_layer(spec(shp), kind="point").frame) == 3


@pytest.mark.parametrize("name", ["a" * 300 + ".csv", "none.csv", "no/where.csv", "nul\x00.csv"])
def test_row78_missing_files_are_refused(tmp_path, name):
    with pytest.raises(FileFormatError, match="no file"):
        read_layer(spec(tmp_path / name), kind="point")


def test_row75_styles_that_qgis_saves_are_not_a_layer(tmp_path):
    points().to_file(tmp_path / "t.gpkg", layer="toilets")
    pyogrio.write_dataframe(pd.DataFrame({"styleName": ["a"]}), tmp_path / "t.gpkg", layer="layer_styles")
    assert len(read_layer(spec(tmp_path / "t.gpkg"), kind="point").frame) == 3


def test_row78_a_folder_is_refused_and_a_near_name_proposed(tmp_path):
    with pytest.raises(FileFormatError, match="is a folder"):
        read_layer(spec(tmp_path), kind="point")
    text_file(tmp_path, ROWS)
    with pytest.raises(FileFormatError, match=r"did you mean 'toilets\.csv'"):
        read_layer(spec(tmp_path / "toilet.csv"), kind="point")


@pytest.mark.parametrize(
    "source",
    [
        "/vsicurl/http://x/y.gpkg",
        "/vsizip/a.zip/b.shp",
        "postgres:host=x",
        "PG:dbname=x",
        "WMS:http://x",
        "http://x/y.geojson",
    ],
)
def test_row92_network_and_driver_prefixes_are_refused(source):
    with pytest.raises(FileFormatError, match="network or database"):
        read_layer(LayerSpec(name="toilets", source=source), kind="point")  # type: ignore[arg-type]


def test_row89_an_archive_that_swells_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.shp", b"\0" * 300_000_000)
    with pytest.raises(FileFormatError, match="unpacks to 300,000,000 bytes"):
        read_layer(spec(tmp_path / "t.zip"), kind="point")


# --- rows


def test_row22_a_layer_without_features_is_refused(tmp_path):
    points().iloc[:0].to_file(tmp_path / "t.gpkg")
    with pytest.raises(InputError, match="has no features"):
        read_layer(spec(tmp_path / "t.gpkg"), kind="point")
    with pytest.raises(InputError, match="has no rows"):
        read_layer(spec(text_file(tmp_path, "lon,lat\n")), kind="point")


def test_row7_rows_without_coordinates_are_listed(tmp_path):
    layer = read_layer(spec(text_file(tmp_path, ROWS + "T4,無,,,\nT5,零,0,0,1\n")), kind="point")
    assert found(layer, "dropped") == {"null_geometry": 1, "zero_coordinates": 1}
    assert (layer.account.rows_in, layer.account.rows_used) == (5, 3)
    with pytest.raises(InputError, match="none of the 1 rows"):
        read_layer(spec(text_file(tmp_path, "lon,lat\n0,0\n")), kind="point")


@pytest.mark.parametrize("position", [",", "0,0"])
def test_row7_people_are_never_dropped(tmp_path, position):
    path = text_file(tmp_path, ROWS + f"T4,無,{position},12\n")
    with pytest.raises(GeometryError, match=r"ids T4"):
        read_layer(spec(path), kind="point", weight="seats")


def test_row4_unreadable_wkt_names_all_rows(tmp_path):
    text = 'wkt\n"POLYGON ((0 0, 1 1, 1 0))"\nPOINT (1 2)\n"LINESTRING (1 1)"\nPOINT (x y)\n'
    with pytest.raises(GeometryError, match=r"3 of 4 rows of 'wkt' are not readable as geometry \(rows 0, 2, 3\)"):
        read_layer(spec(text_file(tmp_path, text), crs="EPSG:4326"))


def test_row4_wkt_of_polygons_is_read(tmp_path):
    text = "id;WKT\n1;POLYGON ((113.5 22.1, 113.6 22.1, 113.6 22.2, 113.5 22.1))\n"
    assert read_layer(spec(text_file(tmp_path, text), crs="EPSG:4326"), kind="polygon").frame.geometry.iloc[0].area > 0


@pytest.mark.parametrize(
    "header",
    ["经度,纬度", "經度,緯度", "x,y", "LNG,LAT", "Longitude,Latitude", "X_Coord,Y_Coord", "lon_wgs84,lat_wgs84"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_usual_names_of_coordinates_and_delimiters(tmp_path, header, delimiter):
    text = f"{header}\n113.54,22.19\n".replace(",", delimiter)
    assert (
        read_layer(spec(text_file(tmp_path, text)), kind="point")
        .frame.geometry.iloc[0]
        .equals(shapely.Point(113.54, 22.19))
    )


def test_full_names_win_over_x_and_y(tmp_path):
    text = "x,y,lon,lat\n304058.4,2774145.1,121.53,25.07\n"
    assert read_layer(spec(text_file(tmp_path, text)), kind="point").frame.geometry.iloc[0].x == 121.53


def test_codes_and_long_numbers_of_a_csv_keep_their_digits(tmp_path):
    text = "lon,lat,code,big,gappy\n113.5,22.1,00123,12345678901234567,9007199254740993\n113.6,22.2,00124,1,\n"
    frame = read_layer(spec(text_file(tmp_path, text)), kind="point").frame
    assert frame["code"].tolist() == ["00123", "00124"]
    assert frame["big"].tolist() == [12345678901234567, 1]
    assert frame["gappy"].iloc[0] == "9007199254740993"


def test_row17_equal_points_are_noted(tmp_path):
    layer = read_layer(spec(text_file(tmp_path, ROWS + "T4,again,113.54,22.19,1\n")), kind="point")
    assert found(layer)["duplicate_geometry"] == 2


@pytest.mark.parametrize("seed", range(25))
def test_damaged_bytes_give_an_answer_or_a_siting_error(tmp_path, seed):
    """Flip or cut bytes anywhere: never another exception."""
    rng = np.random.default_rng(seed)
    kind = ["gpkg", "geojson", "shp", "parquet", "csv"][seed % 5]
    path = tmp_path / f"t.{kind}"
    if kind == "csv":
        path.write_text(ROWS)
    elif kind == "parquet":
        points().to_parquet(path)
    else:
        points().to_file(path)
    data = bytearray(path.read_bytes())
    for at in rng.integers(0, len(data), 8):
        data[at] = rng.integers(0, 256)
    path.write_bytes(data[: rng.integers(len(data) // 2, len(data) + 1)])
    try:
        layer = read_layer(spec(path), kind="point")
    except SitingError:
        return
    assert layer.account.rows_in >= layer.account.rows_used == len(layer.frame)


# --- real tables


def test_row51_taipei_original_tables(shared_data):
    raw = shared_data / "taipei" / "raw-cp950"
    rows = {"115年度河濱公廁點位(含景觀)0209.csv": 334, "臺北市親子友善廁所點位資訊.csv": 393}
    for name, count in rows.items():
        with pytest.raises(FileFormatError, match='encoding = "big5": '):
            read_layer(spec(raw / name), kind="point")
        layer = read_layer(spec(raw / name, encoding="big5"), kind="point", crs=4550)
        assert len(layer.frame) == count
    with pytest.raises(SchemaError, match=r"no coordinate columns found\. It has: 編號"):
        read_layer(spec(raw / "臺北市社區資源回收站資訊.csv", encoding="big5"), kind="point")


def test_row27_taipei_boxes_with_exchanged_coordinates_are_named(shared_data):
    with pytest.raises(CRSError, match=r"22 rows .* look swapped: inside China if exchanged"):
        read_layer(spec(shared_data / "taipei" / "used_clothing_boxes.csv"), kind="point")


def test_row68_is_not_raised_for_a_database_that_is_open_elsewhere(tmp_path):
    points().to_file(tmp_path / "t.gpkg")
    shutil.copy(tmp_path / "t.gpkg", tmp_path / "u.gpkg")
    connection = sqlite3.connect(tmp_path / "u.gpkg")
    connection.execute("create table more (x)")
    assert len(read_layer(spec(tmp_path / "u.gpkg"), kind="point").frame) == 3
    connection.close()
