"""Faults of `[suitability]`: every one of them at once."""

from collections.abc import Callable

from siting.errors import InputError
from siting.standards import load_classes
from siting.study.settings import ESTIMATE_WORD, STUDY_LAYERS, FactorTable, StudyFile, SuitabilityLayer
from siting.suitability import AhpWeights, Classes, Linear, Scale, Steps, Threshold, ahp

RASTER_ENDINGS = (".tif", ".tiff")
_RASTERS = ("slope", "elevation", "raster")
_SCALES = "worst and best, steps and scores, classes, at_most, or at_least"


def suitability_faults(settings: StudyFile, unknown: Callable[[str, str, object, str], list[str]]) -> list[str]:
    """List what is wrong with the table, and with the entries that rest on it.

    Parameters
    ----------
    unknown : says that a word is not among the known ones: (key, word, known, what) -> faults
    """
    table = settings.suitability
    if table is None:
        return [
            f"locate[{i + 1}] '{entry.name}'.min_suitability: the study has no [suitability] table"
            for i, entry in enumerate(settings.locate)
            if entry.min_suitability is not None
        ]
    faults: list[str] = []
    layers: list[tuple[str, SuitabilityLayer]] = [
        *((f"suitability.factors[{i + 1}] '{f.name}'", f) for i, f in enumerate(table.factors)),
        *((f"suitability.exclude[{i + 1}] '{e.name}'", e) for i, e in enumerate(table.exclude)),
    ]
    names = [layer.name for _, layer in layers]
    faults += [
        f"suitability: the name '{n}' is used {names.count(n)} times; names must differ"
        for n in sorted(set(names))
        if names.count(n) > 1
    ]
    classes = load_classes()
    for key, layer in layers:
        for name in layer.facility or ():
            faults += unknown(f"{key}.facility", name, classes, "facility class")
        faults += _missing_layer(key, layer, settings)
    for (key, _), factor in zip(layers, table.factors, strict=False):
        faults += _factor_faults(key, factor, settings)
    for key, layer in layers[len(table.factors) :]:
        if (layer.source is None) == (layer.facility is None):
            faults.append(f"{key}: say what is excluded: either source or facility")
    if table.max_slope is not None and elevation_of(settings) is None:
        faults.append("suitability.max_slope: give elevation, a GeoTIFF of heights, here or in [streets]")
    return [*faults, *_weight_faults(settings)]


def _weight_faults(settings: StudyFile) -> list[str]:
    table = settings.suitability
    assert table is not None
    weighed = [f.name for f in table.factors if f.weight is not None]
    if table.ahp is not None:
        if weighed:
            return [f"suitability: ahp and weight exclude each other: leave out weight of {', '.join(weighed)}"]
        try:
            weights_of(settings)
        except InputError as error:
            return [f"suitability.{error}"]
        return []
    without = [f.name for f in table.factors if f.weight is None]
    if weighed and without:
        return [f"suitability: no weight for {', '.join(without)}; weigh all factors, or none to weigh them alike"]
    if weighed and not sum(f.weight or 0.0 for f in table.factors) > 0:
        return ["suitability: all weights are 0; give at least one factor a weight"]
    return []


def weights_of(settings: StudyFile) -> AhpWeights | dict[str, float] | None:
    """Return the weights of the factors; None weighs all alike.

    Raises
    ------
    InputError
        Judgements that are incomplete or contradict themselves.
    """
    table = settings.suitability
    if table is None:
        return None
    if table.ahp is not None:
        return ahp(table.ahp, [f.name for f in table.factors])
    given = {f.name: f.weight for f in table.factors if f.weight is not None}
    return given or None


def scale_of(factor: FactorTable) -> Scale:
    """Return how a factor is scored.

    Raises
    ------
    InputError
        No scale, more than one, or one that is not whole.
    """
    ways: dict[str, Callable[[], Scale]] = {}
    if factor.worst is not None or factor.best is not None:
        ways["worst and best"] = lambda: _linear(factor.worst, factor.best)
    if factor.steps is not None or factor.scores is not None:
        ways["steps and scores"] = lambda: Steps(factor.steps or (), factor.scores or ())
    if factor.classes is not None:
        ways["classes"] = lambda: Classes(_numbers(factor.classes or {}))
    for name, limit in (("at_most", factor.at_most), ("at_least", factor.at_least)):
        if limit is not None:
            ways[name] = lambda limit=limit, name=name: Threshold(limit, at_least=name == "at_least")  # type: ignore[misc]
    if len(ways) != 1:
        found = f"; found {', '.join(ways)}" if ways else ""
        msg = f"say how it is scored, in one way: {_SCALES}{found}"
        raise InputError(msg)
    return next(iter(ways.values()))()


def elevation_of(settings: StudyFile) -> str | None:
    """Return the heights that slopes are taken from."""
    table = settings.suitability
    if table is not None and table.elevation is not None:
        return table.elevation
    return settings.streets.elevation if settings.streets is not None else None


def _linear(worst: float | None, best: float | None) -> Scale:
    if worst is None or best is None:
        msg = "worst and best belong together: give both"
        raise InputError(msg)
    return Linear(worst, best)


def _numbers(classes: dict[str, float]) -> dict[float, float]:
    try:
        return {float(k): v for k, v in classes.items()}
    except ValueError:
        msg = f"classes: {', '.join(classes)} must be numbers, as the raster holds them"
        raise InputError(msg) from None


def _factor_faults(key: str, factor: FactorTable, settings: StudyFile) -> list[str]:
    faults = []
    try:
        scale_of(factor)
    except InputError as error:
        faults.append(f"{key}: {error}")
    kind, source = factor.kind, factor.source
    is_raster = source is not None and source.source.lower().endswith(RASTER_ENDINGS)
    if kind in _RASTERS:
        if factor.facility is not None:
            faults.append(f"{key}.facility: has no meaning for kind {kind}")
        if source is None and (kind == "raster" or elevation_of(settings) is None):
            faults.append(f"{key}: give source, a GeoTIFF")
        if source is not None and not is_raster:
            faults.append(f"{key}.source: '{source.source}' is not a GeoTIFF (.tif)")
    elif kind == "people":
        if source is not None or factor.facility is not None:
            faults.append(f"{key}: kind people takes the demand of the study; leave out source and facility")
    else:
        if (source is None) == (factor.facility is None):
            faults.append(f"{key}: say to what the distance is: either source or facility")
        if is_raster:
            faults.append(f"{key}.source: a distance is measured to shapes, not to a raster; use kind raster")
        if kind == "access" and settings.streets is None:
            faults.append(f"{key}: kind access needs a [streets] table; kind distance measures straight lines")
    if factor.radius_m is not None and kind != "people":
        faults.append(f"{key}.radius_m: has a meaning for kind people only")
    return faults


def _missing_layer(key: str, layer: SuitabilityLayer, settings: StudyFile) -> list[str]:
    """Say that the study has no such layer of its own; OSM files may hold water, green, buildings and residential."""
    name = layer.study_layer
    own = settings.land.model_dump().get(name) if name in ("water", "buildings", "residential") else None
    if name is None or settings.osm_source is not None or own is not None:
        return []
    if name == "streets":
        return [] if settings.streets is not None else [f"{key}.source: the study has no [streets]"]
    if name == "green" or settings.demand.source != ESTIMATE_WORD:
        return [f"{key}.source: the study has no layer '{name}'; give a path, or facilities.osm"]
    return []


def is_own_layer(source: str) -> bool:
    """Tell the study's own layers from paths."""
    return source in STUDY_LAYERS
