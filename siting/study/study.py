"""`study.toml` as a typed value; every fault of the file is reported at once."""

import hashlib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from siting.coverage.model import CITY_LEVEL
from siting.errors import FileFormatError, InputError, SchemaError
from siting.nearest_word import suggest
from siting.outputs.columns import safe_name
from siting.standards import Catalogue, Rule, load_catalogue, load_classes
from siting.study.faults import describe, expand_variables
from siting.study.parking_table import parking_faults
from siting.study.settings import (
    ESTIMATE_WORD,
    OSM_WORD,
    STREETS_WORD,
    STUDY_LAYERS,
    AuditTable,
    LayerTable,
    LocateTable,
    StudyFile,
    SuitabilityLayer,
)
from siting.study.suitability_faults import suitability_faults
from siting.study.toilet_faults import toilet_faults, toilet_layers
from siting.themes import load_themes

CANDIDATE_KINDS = ("vacant", "street", "gaps")


@dataclass(frozen=True)
class Study:
    """One study: where the layers are, which rules to judge, which sites to find.

    Attributes
    ----------
    path : the study file
    settings : its content, checked
    sha256 : of the file's bytes
    """

    path: Path
    settings: StudyFile
    sha256: str

    @classmethod
    def from_toml(cls, path: str | Path, environment: Mapping[str, str] | None = None) -> "Study":
        """Read and check a study file.

        Parameters
        ----------
        path : the file; paths inside it are relative to its folder and may hold ``${NAME}``
        environment : where ``${NAME}`` is looked up; default: the process environment

        Raises
        ------
        FileFormatError
            The file is absent or no TOML.
        SchemaError
            Settings are missing, unknown or contradictory; the message lists every fault with its key.
        """
        path = Path(path)
        data = _read_toml(path)
        faults: list[str] = []
        expanded = expand_variables(data, os.environ if environment is None else environment, "", faults)
        try:
            settings = StudyFile.model_validate(expanded)
        except ValidationError as error:
            raise _schema_error(path, faults + describe(error)) from None
        study = cls(path=path, settings=settings, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        faults += study._faults()
        if faults:
            raise _schema_error(path, faults)
        return study

    @property
    def name(self) -> str:
        """The study's name."""
        return self.settings.study.name

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.path.resolve().parent

    @cached_property
    def catalogue(self) -> Catalogue:
        """The standards, with the study's rule packs on top."""
        return load_catalogue(tuple(self.resolve(p) for p in self.settings.study.rule_packs))

    def resolve(self, source: str) -> Path:
        """Return the absolute path of a source written in the study file."""
        return self.folder / source

    def rule_of(self, audit: AuditTable) -> Rule:
        """Return the catalogue's rule with the audit's own figures on top."""
        rule = self.catalogue[audit.rule]
        changes = audit.overrides.model_dump(exclude_none=True, exclude={"source"})
        if changes:
            rule = self.catalogue.override(rule, changes, source=audit.overrides.source)
        if audit.facility is not None:
            rule = replace(
                rule,
                facility=tuple(audit.facility),
                overridden=tuple(dict.fromkeys((*rule.overridden, "facility"))),
                override_source=audit.overrides.source or rule.override_source,
            )
        return rule

    def sources(self) -> Iterator[tuple[str, str]]:
        """Every (key, path) that the study reads."""
        s = self.settings
        if s.osm_source:
            yield "facilities.osm", s.osm_source
        for i, pack in enumerate(s.study.rule_packs):
            yield f"study.rule_packs[{i + 1}]", pack
        if s.streets and s.streets.elevation:
            yield "streets.elevation", s.streets.elevation
        if s.green and s.green.raster:
            yield "green.raster.source", s.green.raster.source
        if s.suitability and s.suitability.elevation:
            yield "suitability.elevation", s.suitability.elevation
        for key, layer in self._suitability_layers():
            if layer.source is not None and layer.source.source not in STUDY_LAYERS:
                yield f"{key}.source", layer.source.source
        for key, ref in self._layer_refs():
            if ref.source not in (OSM_WORD, ESTIMATE_WORD, STREETS_WORD) and not (
                key.endswith(".candidates") and ref.source in CANDIDATE_KINDS
            ):
                yield f"{key}.source", ref.source

    def _layer_refs(self) -> Iterator[tuple[str, LayerTable]]:
        s = self.settings
        named: list[tuple[str, Any]] = [
            *((f"study.boundary[{i + 1}]", b) for i, b in enumerate(s.study.boundary)),
            *((f"study.zones[{i + 1}]", z) for i, z in enumerate(s.study.zones)),
            ("streets", s.streets),
            ("demand", s.demand),
            ("demand.buildings", s.demand.buildings),
            *((f"facilities.{k}", v) for k, v in s.facilities.items()),
            *((f"land.{k}", getattr(s.land, k)) for k in ("residential", "vacant", "old_estates", "old_district")),
            *((f"land.{k}", getattr(s.land, k)) for k in ("water", "buildings")),
            *((f"land.exclusions.{k}", v) for k, v in s.land.exclusions.items()),
            ("living_circle.centres", None if s.living_circle is None else s.living_circle.centres),
            *toilet_layers(s.toilets),
            ("parking.floors", None if s.parking is None else s.parking.floors),
            *s.parking_layers(),
            *s.charging_layers(),
            *(() if s.waste is None else s.waste.layers()),
            *((f"locate[{i + 1}].candidates", entry.candidates) for i, entry in enumerate(s.locate)),
            *((f"locate[{i + 1}].existing", entry.existing) for i, entry in enumerate(s.locate)),
            *((f"services[{i + 1}].candidates", entry.candidates) for i, entry in enumerate(s.services)),
        ]
        yield from ((k, v) for k, v in named if isinstance(v, LayerTable))

    def _suitability_layers(self) -> Iterator[tuple[str, SuitabilityLayer]]:
        table = self.settings.suitability
        if table is not None:
            yield from ((f"suitability.factors[{i + 1}]", f) for i, f in enumerate(table.factors))
            yield from ((f"suitability.exclude[{i + 1}]", e) for i, e in enumerate(table.exclude))

    def _faults(self) -> list[str]:
        """Faults that only show when the parts of the file are held against each other, the catalogue and the disk."""
        faults = [*self._file_faults(), *self._class_faults()]
        try:
            catalogue = self.catalogue
        except InputError as error:
            return [*faults, f"study.rule_packs: {error}"]
        faults += _repeated("audit", [a.label for a in self.settings.audit])
        faults += _repeated("locate", [e.name for e in self.settings.locate])
        faults += _repeated("services (as a table name)", [safe_name(e.name) for e in self.settings.services])
        # Names that differ may still be one column: the second would overwrite the first.
        if not _repeated("audit", [a.label for a in self.settings.audit]):
            faults += _repeated("audit (as a column name)", [safe_name(a.label) for a in self.settings.audit])
        levels = [z.level_name for z in self.settings.study.zones]
        faults += _repeated("study.zones (level)", [safe_name(level) for level in levels])
        faults += [
            f"study.zones: the level '{CITY_LEVEL}' is kept for the whole study area; give this layer another level"
            for level in levels
            if level == CITY_LEVEL
        ]
        faults += suitability_faults(self.settings, _unknown)
        faults += toilet_faults(self.settings.toilets, catalogue, levels, _unknown)
        faults += parking_faults(self.settings.parking, self.settings.demand.counts)
        circle = self.settings.living_circle
        if circle is not None and circle.level is not None:
            faults += _unknown("living_circle.level", circle.level, levels, "level of zones")
        for i, audit in enumerate(self.settings.audit):
            unknown = _unknown(f"audit[{i + 1}].rule", audit.rule, catalogue.ids, "rule")
            faults += unknown or self._time_faults(f"audit[{i + 1}]", audit)
        audits = {a.label for a in self.settings.audit}
        for i, entry in enumerate(self.settings.locate):
            key = f"locate[{i + 1}] '{entry.name}'"
            if entry.rule is not None and entry.rule not in audits:
                faults += _unknown(f"{key}.rule", entry.rule, [*catalogue.ids, *audits], "rule or audit name")
            if entry.theme is not None:
                faults += _unknown(f"{key}.theme", entry.theme, load_themes(), "theme")
            faults += _size_faults(key, entry) + _level_faults(key, entry, levels)
        return faults

    def _time_faults(self, key: str, audit: AuditTable) -> list[str]:
        """Faults of who moves: profiles and directions are about minutes."""
        given = [name for name in ("profile", "direction") if getattr(audit, name) is not None]
        try:
            rule = self.rule_of(audit)
        except InputError as error:
            return [f"{key}.overrides: {error}"]
        if rule.distance == "time" or not given:
            return []
        return [
            f"{key}.{name}: the rule is in metres, which no profile changes; "
            "to judge it in minutes add overrides = { limit_min = … }"
            for name in given
        ]

    def _file_faults(self) -> list[str]:
        faults = []
        for key, source in self.sources():
            if "://" in source or source.startswith("/vsi"):
                faults.append(f"{key}: '{source}' is not a local file; download it first and give its path")
            elif "${" not in source and not self.resolve(source).exists():
                faults.append(f"{key}: file not found: {self.resolve(source)}")
        osm_words = [k for k, ref in self._layer_refs() if ref.source == OSM_WORD]
        if osm_words and not self.settings.osm_source:
            faults.append(f'{osm_words[0]}: says osm, but [facilities] has no osm = "city.osm.pbf"')
        return faults

    def _class_faults(self) -> list[str]:
        known = load_classes()
        faults: list[str] = []
        for name in self.settings.facilities:
            if name != OSM_WORD:
                faults += _unknown(f"facilities.{name}", name, known, "facility class")
        chosen = {f"audit[{i + 1}]": a.facility for i, a in enumerate(self.settings.audit)}
        chosen |= {f"locate[{i + 1}]": e.facility for i, e in enumerate(self.settings.locate)}
        for key, names in chosen.items():
            for name in names or ():
                faults += _unknown(f"{key}.facility", name, known, "facility class")
        return faults

    def __repr__(self) -> str:
        """Say what would be judged and sited."""
        return f"Study({self.name!r}: {len(self.settings.audit)} rules, {len(self.settings.locate)} plans)"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.study.card import study_card

        return study_card(self)


def _read_toml(path: Path) -> dict[str, Any]:
    if path.is_dir():
        msg = f"{path} is a folder; give the study file inside it, for instance {path / 'study.toml'}"
        raise FileFormatError(msg)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        msg = f"study file not found: {path}; `siting new` writes one from the files at hand"
        raise FileFormatError(msg) from None
    except UnicodeDecodeError:
        msg = f"{path} is not UTF-8 text; save the study file as UTF-8"
        raise FileFormatError(msg) from None
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not valid TOML: {error}"
        raise FileFormatError(msg) from None


def _schema_error(path: Path, faults: list[str]) -> SchemaError:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return SchemaError("\n".join([f"{path}: {count}", *(f"  - {f}" for f in faults)]))


def _unknown(key: str, word: str, known: Any, what: str) -> list[str]:
    if word in known:
        return []
    near = suggest(word, known)
    return [f"{key}: no {what} '{word}'" + (f"; did you mean '{near}'?" if near else "; see `siting rules`")]


def _repeated(what: str, names: list[str]) -> list[str]:
    return [
        f"{what}: the name '{n}' is used {names.count(n)} times; names must differ"
        for n in sorted(set(names))
        if names.count(n) > 1
    ]


def _level_faults(key: str, entry: LocateTable, levels: list[str]) -> list[str]:
    """Faults of the zones that must or may have sites: their level, and whether there are zones at all."""
    faults = []
    for name in ("at_least", "at_most"):
        count = getattr(entry, name)
        if count is None:
            continue
        if not levels:
            faults.append(f"{key}.{name}: the study has no zones; give [study] zones, or leave {name} out")
        elif count.level is not None:
            faults += _unknown(f"{key}.{name}.level", count.level, levels, "level of zones")
    return faults


def _size_faults(key: str, entry: LocateTable) -> list[str]:
    both = sorted(set(entry.required) & set(entry.excluded))
    if both:
        return [f"{key}: required and excluded at once: {', '.join(both)}"]
    if entry.p is not None and len(entry.required) > entry.p:
        return [f"{key}: {len(entry.required)} required sites, but p = {entry.p}; raise p or require fewer"]
    return []
