"""What the tables of themes ask for and the study has not: told by `siting check`, and before a run computes anything.

One list for all themes. What a run would refuse is refused here, all at once; what it would leave unanswered is said in
the words in which the run says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.standards import load_classes, places_counting_as

if TYPE_CHECKING:
    from siting.pipeline.reading import Reader
    from siting.themes import City, ThemeResult

ON_FOOT = Text('distance = "network" 需要路网；请给出 [streets]', 'distance = "network" needs streets; give [streets]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """One input that a table needs and the study has not.

    Attributes
    ----------
    table : key of the table in the study file
    what : what cannot be answered for want of it
    why : what is missing
    refused : whether the study cannot be run like this; otherwise the rest of it is answered
    whole : whether all that the table asks is left unanswered
    """

    table: str
    what: Text
    why: Text
    refused: bool = False
    whole: bool = True

    @property
    def finding(self) -> Finding:
        """The lack as `siting check` lists it."""
        text = Text(
            f"[{self.table}] {self.what.zh}无法评判：{self.why.zh}",
            f"[{self.table}] {self.what.en} cannot be judged: {self.why.en}",
        )
        return Finding(code="input_missing", kind="warning" if self.whole else "note", count=0, text=text)


def refused_by(table: str, what: Text, precondition: Callable[[], object]) -> Iterator[Lack]:
    """Try what a theme asks of its inputs; its own message is what the study is refused with."""
    try:
        precondition()
    except InputError as error:
        yield Lack(table=table, what=what, why=Text(str(error), str(error)), refused=True)


def no_such_places(city: City, table: str, what: Text, classes: Iterable[str]) -> Iterator[Lack]:
    """Say that a table names classes of facilities of which the study has none at all."""
    known = load_classes()
    names = [name for name in classes if name in known]
    if names and not city.facilities["class"].isin(places_counting_as(names)).any():
        zh, en = "、".join(known[n].name.zh for n in names), ", ".join(known[n].name.en for n in names)
        yield Lack(table=table, what=what, why=Text(f"没有{zh}图层", f"no layer of {en}"), whole=False)


def note_refused(lacks: Iterable[Lack], reader: Reader) -> None:
    """Note in ``reader`` every lack for which a study is refused."""
    for lack in lacks:
        if lack.refused:
            with reader.noting():
                said = lack.why.en.removeprefix(f"{lack.table.split('.')[0]}: ")
                msg = said if said.startswith(lack.table) else f"{lack.table}: {said}"
                raise InputError(msg)


def findings_of(lacks: Iterable[Lack], themes: Mapping[str, ThemeResult] | None = None) -> tuple[Finding, ...]:
    """Return what is left unanswered; ``themes``: without what the themes of a run say themselves."""
    said = {why.en for theme in (themes or {}).values() for _, why in theme.missing}
    return tuple(lack.finding for lack in lacks if not lack.refused and lack.why.en not in said)
