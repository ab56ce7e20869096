"""The themes a `[[locate]]` may name: the facilities that are sited, and the rule that says how far is served."""

from dataclasses import dataclass

from siting.ledger import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One planner's question.

    ``facility`` are ids of `standards/classes.yaml`; ``rule`` is the catalogue's id of the rule that applies unless
    the study names another, None where the study must name one.
    """

    id: str
    name: Text
    facility: tuple[str, ...]
    rule: str | None


_THEMES = (
    Theme(id="green", name=Text("公园绿地", "Green and parks"), facility=("park_green",), rule="park.500park"),
    Theme(
        id="toilets", name=Text("公共厕所", "Public toilets"), facility=("public_toilet",), rule="wc.radius.mandatory"
    ),
    Theme(
        id="waste", name=Text("生活垃圾收集", "Waste collection"), facility=("waste_point",), rule="waste.point.gb55013"
    ),
    Theme(
        id="parking", name=Text("公共停车", "Public parking"), facility=("public_parking",), rule="park_lot.radius.now"
    ),
    Theme(id="transport", name=Text("公共交通", "Public transport"), facility=("bus_stop",), rule="bus.cover500"),
    Theme(id="living_circle", name=Text("生活圈设施", "Living-circle facilities"), facility=(), rule=None),
)


def load_themes() -> dict[str, Theme]:
    """Return the themes by id."""
    return {t.id: t for t in _THEMES}
