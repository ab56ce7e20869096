"""The text of a study file: what the files at hand allow is set, the rest stands as comments."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from siting.errors import InputError, OutputError
from siting.ledger import Text
from siting.scaffold.files import File, files_in, look
from siting.scaffold.roles import AtHand, class_of, id_of, name_of, population_of, sort_out
from siting.scaffold.template import (
    DEMAND,
    FACILITIES,
    HEAD,
    LAND,
    LOCATE,
    MINUTES,
    OWN_EXAMPLE,
    STREETS,
    THEMES,
)  # fmt: skip
from siting.standards import Rule, load_catalogue, load_classes

_AUDITS = (
    "park.300green", "park.500park", "wc.radius.mandatory", "bus.cover500", "fac.primary_school", "fac.kindergarten",
)  # fmt: skip
"""Judged wherever an OSM file may hold the facilities, and first where a layer of one's own does."""


def write_study(
    folder: Path,
    *,
    streets: Path | None = None,
    demand: Path | None = None,
    population: str | None = None,
    total: float | None = None,
    boundary: Path | None = None,
    zones: Sequence[Path] = (),
    facilities: Path | Sequence[Path | str] | None = None,
    files: Path | None = None,
    name: str | None = None,
    overwrite: bool = False,
    tell: Callable[[Text], None] | None = None,
) -> Path:
    """Write ``folder/study.toml`` and return its path.

    Parameters
    ----------
    folder : made if absent
    streets, demand, boundary, zones : files at hand; the study refers to them, nothing is copied
    population : column with people in ``demand``; default: guessed by its name
    total : people in all, spread over the residential buildings where there is no ``demand``
    facilities : an OSM file, layers whose class is guessed by the name of the file, or ``"class=file"``
    files : a folder whose layers are sorted by shape, name and columns into what was not given
    tell : is told what each file was taken for

    Raises
    ------
    InputError
        A file is absent, no street file is among them, or the class of a facility layer cannot be told.
    OutputError
        There is a study file already and ``overwrite`` is not set, or the folder cannot be written.
    """
    hand = _gather(streets, demand, boundary, zones, facilities, files)
    target = folder / "study.toml"
    if target.exists() and not overwrite:
        msg = f"{target} exists; add --overwrite to replace it"
        raise OutputError(msg)
    text = _text(hand, folder, name or folder.resolve().name, population, total, target.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".toml.part")
        draft.write_text(text, encoding="utf-8")
        draft.replace(target)
    except OSError as error:
        msg = f"cannot write {target}: {error.strerror}"
        raise OutputError(msg) from None
    for line in _told(hand, population) if tell is not None else ():
        tell(line)  # type: ignore[misc]
    return target


def _gather(
    streets: Path | None,
    demand: Path | None,
    boundary: Path | None,
    zones: Sequence[Path],
    facilities: Path | Sequence[Path | str] | None,
    files: Path | None,
) -> AtHand:
    """Sort the files of the folder, then put what was named in its place."""
    given = [facilities] if isinstance(facilities, Path) else list(facilities or ())
    layers = [_class_and_path(one) for one in given]
    named = [p for p in (streets, demand, boundary, *zones, *(path for _, path in layers)) if p is not None]
    for path in named:
        if not path.exists():
            msg = f"file not found: {path}"
            raise InputError(msg)
    if files is not None and not files.is_dir():
        msg = f"{files}: there is no such folder (--from)"
        raise InputError(msg)
    taken = {path.resolve() for path in named}
    hand = sort_out(one for one in (files_in(files) if files else ()) if one.path.resolve() not in taken)
    if streets is not None:
        hand.streets = _first(streets)
    for class_, path in layers:
        if class_ is None:
            hand.osm = File(path, "osm")
        else:
            hand.facilities[class_] = _first(path)
    hand.demand = _first(demand) if demand is not None else hand.demand
    hand.boundary = _first(boundary) if boundary is not None else hand.boundary
    hand.zones = [_first(z) for z in zones] or hand.zones
    if hand.streets is None:
        hand.streets, osm = hand.osm, hand.osm
    else:
        osm = hand.osm or (hand.streets if hand.streets.shape == "osm" else None)
    if hand.streets is None:
        where = f"; there is no line layer and no OSM file in {files}" if files else ""
        msg = f"no streets{where}. Name them: --streets FILE (.osm.pbf, .osm or a line layer)"
        raise InputError(msg)
    hand.osm = osm
    return hand


def _class_and_path(given: Path | str) -> tuple[str | None, Path]:
    """Class and path of a facility layer; no class for an OSM file."""
    left, equals, right = str(given).partition("=")
    if equals and left in load_classes():
        return left, Path(right)
    path = Path(given)
    if path.name.endswith((".osm", ".pbf")):
        return None, path
    found = class_of(path.name.split(".")[0])
    if found is None:
        msg = (
            f"facilities: what {path.name} holds cannot be told by its name. Write --facilities CLASS={path}; "
            "siting rules --classes lists the classes"
        )
        raise InputError(msg)
    return found, path


def _first(path: Path) -> File:
    return next(iter(look(path)), File(path, "unknown"))


def _text(hand: AtHand, folder: Path, name: str, population: str | None, total: float | None, file: str) -> str:
    assert hand.streets is not None
    zones = ", ".join(_table(z, folder) for z in hand.zones)
    text = HEAD.format(
        file=file,
        name=_quote(name),
        boundary=_line("boundary", hand.boundary, folder) if hand.boundary else '# boundary = "boundary.gpkg"',
        zones=f"zones = [{zones}]      # 由小到大 / from small to large"
        if zones
        else '# zones = ["communities.gpkg", "sub-districts.gpkg"]     # 由小到大 / from small to large',
    )
    text += STREETS.format(streets="\n".join(_layer_lines(hand.streets, folder)))
    text += DEMAND.format(demand=_demand(hand, population, total, folder))
    own = [_line(class_, one, folder) for class_, one in hand.facilities.items()]
    osm = f"osm = {_path(hand.osm.path, folder)}" if hand.osm else '# osm = "city.osm.pbf"'
    land = [
        (
            f"exclusions = {{ water = {_table(hand.land[role], folder)} }}"
            if role == "water"
            else _line(role, hand.land[role], folder)
        )
        if role in hand.land
        else example
        for role, example in LAND.items()
    ]
    text += FACILITIES.format(facilities="\n".join([osm, *(own or [OWN_EXAMPLE])]), land="\n".join(land))
    rules, off = _rules_for(hand)
    for rule in rules:
        text += f'\n[[audit]]                    # {rule.name.both(" / ")}\nrule = "{rule.id}"\n'
    for rule in off:
        text += (
            f'\n# [[audit]]                  # {rule.name.both(" / ")}:缺图层 / no layer yet\n# rule = "{rule.id}"\n'
        )
    text += MINUTES + _locate(rules, off) + THEMES
    if hand.rest:
        text += "\n# 未识别的文件 / files that were not placed:\n"
        text += "".join(f"#   {_described(one).en}\n" for one in hand.rest)
    return text


def _rules_for(hand: AtHand) -> tuple[list[Rule], list[Rule]]:
    """Rules that the layers allow, and common ones that lack a layer."""
    catalogue = load_catalogue()
    common = [catalogue[rule] for rule in _AUDITS]
    if hand.osm is not None:
        return common, []
    have = set(hand.facilities)
    have |= {more for one in hand.facilities for more in load_classes()[one].counts_as}
    rules = [rule for rule in common if have & set(rule.facility)]
    for class_ in hand.facilities:
        if not any(class_ in rule.facility for rule in rules):
            fit = [
                r for r in catalogue if class_ in r.facility and r.can_judge_access and r.source.standing == "in_force"
            ]
            rules += fit[:1]
    return rules, [rule for rule in common if rule not in rules]


def _locate(rules: Sequence[Rule], off: Sequence[Rule]) -> str:
    """Return an entry that sites what the study judges: toilets where it can, else the first class of points."""
    catalogue, classes = load_catalogue(), load_classes()
    toilets = catalogue["wc.radius.mandatory"]
    able = [r for r in rules if r.limit_m is not None and not any(classes[c].geometry == "area" for c in r.facility)]
    rule = toilets if toilets in rules or not able else able[0]
    plan = "toilets" if rule is toilets else f"new_{rule.facility[0]}"
    text = LOCATE.format(
        name=_quote(plan), rule=_quote(rule.id), candidates='{ source = "street", spacing_m = 100, min_area_m2 = 60 }'
    )
    if not rules and off:  # nothing is judged: a plan would take everybody for unserved
        text = "".join(
            f"# {line}\n" if line and not line.startswith("#") else f"{line}\n" for line in text.splitlines()
        )
    return text


def _demand(hand: AtHand, population: str | None, total: float | None, folder: Path) -> str:
    demand, osm = hand.demand, hand.osm
    if demand is None and "buildings" in hand.land and osm is None:
        demand = hand.land["buildings"]
        lines = [*_layer_lines(demand, folder), 'unit = "building"']
        return "\n".join([*lines, '# population = "people"      # 人口字段 / column with people'])
    if demand is None and osm is None:
        # Nothing but streets: they are what can be served.
        return (
            'source = "streets"         # 沿街道布点,单元为街道长度 / points along streets, units are metres of street'
        )
    if demand is None:
        lines = ['source = "estimate"']
        if total is not None:
            lines.append(f"total = {total:g}")
        else:
            lines.append("m2_per_person = 40        # 假设，请改 / an assumption: set the local figure, or total")
        return "\n".join(lines)
    lines = _layer_lines(demand, folder)
    guess = population_of(demand)
    if population or guess:
        note = "" if population else "      # 按字段名猜测 / guessed by its name"
        lines.append(f"population = {_quote(population or guess or '')}{note}")
    else:
        lines.append('# population = "people"      # 人口字段 / column with people')
    if osm:
        lines.append('# buildings = "osm"          # 分摊到住宅建筑 / spread over residential buildings')
    return "\n".join(lines)


def _layer_lines(one: File, folder: Path) -> list[str]:
    """Return a layer as the lines of its own table, with what was found in it as a comment."""
    lines = [f"source = {_path(one.path, folder)}"]
    lines += [f"{key} = {_quote(value)}" for key, value in _keys(one).items() if key != "name"]
    lines += [f"# encoding = {_quote(e)}        # {sample}" for e, sample in one.unclear]
    if one.columns:
        lines.append(f"# 字段 / columns: {_columns(one)}")
    return lines


def _line(key: str, one: File, folder: Path) -> str:
    """Return a layer as one line, with what was found in it as a comment."""
    text = f"{key} = {_table(one, folder)}"
    for encoding, sample in one.unclear:
        text += f"\n# {key}: encoding = {_quote(encoding)}  # {sample}"
    return f"{text}\n#   字段 / columns: {_columns(one)}" if one.columns else text


def _table(one: File, folder: Path) -> str:
    keys = _keys(one)
    if not keys:
        return _path(one.path, folder)
    return (
        "{ "
        + ", ".join(
            f"{k} = {v}" for k, v in (("source", _path(one.path, folder)), *((k, _quote(v)) for k, v in keys.items()))
        )
        + " }"
    )


def _keys(one: File) -> dict[str, str]:
    found = {"layer": one.layer, "encoding": one.encoding, "id": id_of(one), "name": name_of(one)}
    if one.shape == "line":  # streets need no names
        found |= {"id": None, "name": None}
    return {key: value for key, value in found.items() if value is not None}


def _columns(one: File) -> str:
    return ", ".join(f"{c.name} ({c.sample})" if c.sample else c.name for c in one.columns[:8]).replace("\n", " ")


_SHAPE_ZH = {
    "point": "点", "line": "线", "polygon": "面", "table": "表", "raster": "栅格", "osm": "OSM", "unknown": "未能读取",
}  # fmt: skip


def _described(one: File) -> Text:
    inner = f" [{one.layer}]" if one.layer else ""
    columns = f": {_columns(one)}" if one.columns else ""
    zh, en = ("", "") if one.rows is None else (f"，{one.rows:,} 行", f", {one.rows:,} rows")
    return Text(
        f"{one.path.name}{inner}（{_SHAPE_ZH[one.shape]}{zh}）{columns}",
        f"{one.path.name}{inner} ({one.shape}{en}){columns}",
    )


def _told(hand: AtHand, population: str | None) -> Iterable[Text]:
    """Say what each file was taken for."""
    classes = load_classes()
    column = population or (population_of(hand.demand) if hand.demand else None)
    people = Text("人口（没有人口字段）", "people (no column of people)")
    if column:
        people = Text(f"人口（字段 {column}）", f"people (in {column})")
    rows: list[tuple[Text, File | None]] = [(Text("街道", "streets"), hand.streets), (people, hand.demand)]
    rows += [(Text(f"{classes[c].name.zh} {c}", f"{classes[c].name.en}, {c}"), f) for c, f in hand.facilities.items()]
    rows += [(Text("研究范围", "boundary"), hand.boundary), *((Text("分区", "zones"), zone) for zone in hand.zones)]
    rows += [(Text(f"用地 {role}", f"land, {role}"), one) for role, one in hand.land.items()]
    rows += [(Text("! 未识别，请自行写入", "! not placed, write it in yourself"), one) for one in hand.rest]
    for what, file in rows:
        if file is not None:
            shown = _described(file)
            yield Text(f"  {what.zh}：{shown.zh}", f"  {what.en}: {shown.en}")


def _path(path: Path, folder: Path) -> str:
    return _quote(Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix())


def _quote(text: str) -> str:
    """Write a TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
