"""Plants and yards of waste: the streams that each takes, and which clauses name what it keeps away from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from siting.errors import InputError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards import Catalogue
from siting.themes.waste.ground import Keep
from siting.themes.waste.streams import Stream

TREATMENT = "waste.treat.avoid"
TARGETS: Mapping[str, Text] = {
    "homes": Text("住宅", "home"),
    "schools": Text("学校", "school"),
    "hospitals": Text("医院", "hospital"),
    "water_source": Text("饮用水水源", "drinking-water source"),
    "rivers": Text("河流水体", "river or lake"),
    "airports": Text("机场", "airport"),
    "reserves": Text("保护区", "protected area"),
}
"""What clauses name; a layer of another name is the study's own affair."""
_NAMED = ("homes", "water_source", "rivers", "airports", "reserves")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantKind:
    """A kind of plant or yard.

    Attributes
    ----------
    streams : that it takes; empty: of none of the six, the study says what it is fed by
    clauses : by target (`TARGETS`), ids of the rules that ask for a distance from it, or name it without a figure
    facility : class of facilities that are of this kind; None: there is none
    alone : one of it serves the central city
    """

    id: str
    name: Text
    streams: tuple[Stream, ...] = ()
    clauses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facility: str | None = None
    alone: bool = False

    def named(self, keep: Keep) -> Keep:
        """Return a layer with the clauses that name it for this kind, unless it brings its own."""
        return keep if keep.rules else replace(keep, rules=tuple(self.clauses.get(keep.name, ())))


def _all(*rules: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(_NAMED, rules)


_KINDS = (
    PlantKind(
        id="incinerator",
        name=Text("生活垃圾焚烧厂", "incinerator"),
        facility="incinerator",
        streams=("other",),
        clauses={
            **_all(TREATMENT),
            "homes": ("waste.wte.buffer", TREATMENT),
            "schools": ("waste.wte.exclude",),
            "hospitals": ("waste.wte.exclude",),
        },
    ),
    PlantKind(
        id="landfill",
        name=Text("生活垃圾填埋场", "landfill"),
        facility="landfill",
        streams=("other",),
        clauses={**_all("waste.landfill.eia", TREATMENT), "homes": ("waste.landfill.500", "waste.landfill.eia")},
    ),
    PlantKind(
        id="small_landfill",
        name=Text("小规模填埋场", "small landfill"),
        streams=("other",),
        clauses={
            **_all("waste.landfill.eia", TREATMENT),
            "homes": ("waste.small_landfill.dwelling", "waste.landfill.eia"),
            "airports": ("waste.small_landfill.airport", "waste.landfill.eia"),
        },
    ),
    PlantKind(
        id="kitchen",
        name=Text("餐厨、厨余垃圾处理厂", "kitchen waste plant"),
        streams=("kitchen",),
        clauses=_all(TREATMENT),
    ),
    PlantKind(
        id="construction",
        name=Text("建筑垃圾消纳（资源化）场", "construction waste yard"),
        streams=("construction",),
        clauses=_all("waste.cd.site"),
    ),
    PlantKind(
        id="sorting",
        name=Text("再生资源分拣中心", "sorting centre for recyclables"),
        streams=("recyclable",),
        alone=True,
    ),
    PlantKind(id="bulky", name=Text("大件垃圾处置厂", "bulky waste plant"), streams=("bulky",), alone=True),
    PlantKind(id="medical", name=Text("医疗废物集中处置设施", "medical waste plant")),
    PlantKind(id="e_waste", name=Text("废弃电器电子产品处理厂", "plant for electric and electronic waste")),
)
KINDS: Mapping[str, PlantKind] = {kind.id: kind for kind in _KINDS}


def kind_of(kind: str | PlantKind) -> PlantKind:
    """Return a kind by its id.

    Raises
    ------
    InputError
        There is none of that id.
    """
    if isinstance(kind, PlantKind):
        return kind
    if kind not in KINDS:
        msg = f"plants: '{kind}' is no kind of plant{hint(kind, KINDS)}; there are {', '.join(KINDS)}"
        raise InputError(msg)
    return KINDS[kind]


def in_catalogue(kind: PlantKind, catalogue: Catalogue) -> PlantKind:
    """Return the kind with those of its clauses that the catalogue has."""
    clauses = {target: tuple(i for i in ids if i in catalogue) for target, ids in kind.clauses.items()}
    return replace(kind, clauses={target: ids for target, ids in clauses.items() if ids})
