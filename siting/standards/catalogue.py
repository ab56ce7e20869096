"""The rules catalogue: every rule by id, with local packs on top."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from siting.errors import InputError, SchemaError
from siting.ledger import Finding
from siting.nearest_word import hint
from siting.standards import overrides
from siting.standards.classes import check_class_ids
from siting.standards.entries import Document, parse_document, parse_rule
from siting.standards.labels import TOPICS
from siting.standards.model import DistanceKind, Reading, Rule, Standing
from siting.standards.packs import read_pack
from siting.standards.plain_yaml import parse_trusted
from siting.standards.strictness import laxer_than

NATIONAL = "national"
_PLURAL = {
    "topic": "topics", "tier": "tiers", "confidence": "grades", "standing": "standings", "distance": "kinds of distance"
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Every rule by id.

    Attributes
    ----------
    by_id : the rules in the order of the files, topic after topic
    documents : what rules are taken from, by code
    packs : names of the packs, the national one first
    findings : what a reader must know about the packs, such as a rule that is laxer than a mandatory clause
    replaced : the rules that a pack replaced, as they were, by id
    """

    by_id: Mapping[str, Rule]
    documents: Mapping[str, Document]
    packs: tuple[str, ...] = (NATIONAL,)
    findings: tuple[Finding, ...] = ()
    replaced: Mapping[str, Rule]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule."""
        return tuple(self.by_id.values())

    @property
    def ids(self) -> tuple[str, ...]:
        """Every rule id."""
        return tuple(self.by_id)

    def __getitem__(self, id_: str) -> Rule:
        """Return the rule, or raise a `SchemaError` that proposes the nearest id."""
        try:
            return self.by_id[id_]
        except KeyError:
            msg = f"no rule {id_!r} in the catalogue{hint(str(id_), self.by_id) or '; see `siting rules`'}"
            raise SchemaError(msg) from None

    def __contains__(self, id_: object) -> bool:
        return id_ in self.by_id

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def select(
        self,
        *,
        topic: str | None = None,
        text: str | None = None,
        facility: str | None = None,
        tier: str | None = None,
        confidence: str | None = None,
        document: str | None = None,
        standing: str | None = None,
        distance: str | None = None,
        verdict: bool | None = None,
    ) -> tuple[Rule, ...]:
        """Return the rules that fit everything asked for, in the order of the catalogue.

        Parameters
        ----------
        topic : one of the topics, such as "park"
        text : words that id, names, document, clause or note must hold, in any case
        facility : a facility class
        tier : "15min", "city" …; a rule of several tiers is one of each
        confidence : how the rule was read: "clause", "secondary" or "unverified"
        document : words that code and title of the document must hold, in any case, such as "gb 50180"
        standing : what the document is worth today, such as "in_force"
        distance : "network", "straight" or "time"
        verdict : whether the rule can end in "met" or "not met"

        Raises
        ------
        SchemaError
            A word is unknown; the nearest one is proposed.
        """
        known: dict[str, tuple[str | None, Collection[str]]] = {
            "topic": (topic, TOPICS),
            "tier": (tier, tuple(dict.fromkeys(part for rule in self for part in rule.tier.split(",")))),
            "confidence": (confidence, tuple(reading.value for reading in Reading)),
            "standing": (standing, get_args(Standing)),
            "distance": (distance, get_args(DistanceKind)),
        }
        for what, (given, allowed) in known.items():
            if given is not None and given not in allowed:
                msg = f"no {what} {given!r}{hint(given, allowed)}; the {_PLURAL[what]} are {', '.join(allowed)}"
                raise SchemaError(msg)
        if facility is not None:
            check_class_ids([facility])
        words, named = (text or "").lower().split(), (document or "").lower().split()
        return tuple(
            rule
            for rule in self
            if (topic is None or rule.topic == topic)
            and (facility is None or facility in rule.facility)
            and (tier is None or tier in rule.tier.split(","))
            and (confidence is None or rule.confidence == confidence)
            and (standing is None or rule.source.standing == standing)
            and (distance is None or rule.distance == distance)
            and (verdict is None or rule.verdict_allowed is verdict)
            and all(word in f"{rule.source.document} {rule.source.title}".lower() for word in named)
            and all(word in _searched(rule) for word in words)
        )

    def override(self, rule: Rule, changes: Mapping[str, Any], *, source: str | None = None) -> Rule:
        """Return the rule with a study's own figures; see `siting.standards.overrides.override`."""
        return overrides.override(rule, changes, source=source)

    def findings_of(self, rule: Rule) -> tuple[Finding, ...]:
        """Return a warning for each mandatory clause that ``rule``, as a study changed it, undercuts."""
        bases = [base for base in (self.replaced.get(rule.id), self.by_id.get(rule.id)) if base is not None]
        found = (laxer_than(rule, base) for base in bases if base is not rule)
        return tuple(dict.fromkeys(f for f in found if f is not None))

    def __repr__(self) -> str:
        """Say how many rules there are, of which packs."""
        return f"Catalogue({len(self)} rules: {', '.join(self.packs)})"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.standards.card import catalogue_card

        return catalogue_card(self)


def load_catalogue(packs: Sequence[Path | str] = ()) -> Catalogue:
    """Read the catalogue, with local rule packs on top, later ones over earlier ones.

    Repeated calls with unchanged files return the same catalogue.

    Raises
    ------
    InputError, FileFormatError, SchemaError
        A pack cannot be used; every fault of its content is named.
    """
    stamped: list[tuple[str, int, int]] = []
    for pack in packs:
        try:
            stat = Path(pack).stat()
        except OSError as error:
            msg = f"rule pack {pack}: cannot be read ({error.strerror or error})"
            raise InputError(msg) from error
        stamped.append((str(pack), stat.st_mtime_ns, stat.st_size))
    return _load(tuple(stamped))


@lru_cache(maxsize=16)
def _load(packs: tuple[tuple[str, int, int], ...]) -> Catalogue:
    national, entries = _national()
    by_id, documents = dict(national.by_id), dict(national.documents)
    names, findings, replaced, faults = [NATIONAL], [], {}, []
    for path, _, _ in packs:
        try:
            pack = read_pack(Path(path), entries, documents)
        except InputError as error:
            if len(packs) == 1:
                raise
            faults.append(str(error))
            continue
        if pack.name in names:
            faults.append(f"rule pack {Path(path).name}: a pack named {pack.name!r} was read already")
        names.append(pack.name)
        documents |= {document.code: document for document in pack.documents}
        entries = {**entries, **pack.entries}
        for rule in pack.rules:
            if rule.id in national.by_id:
                replaced[rule.id] = national.by_id[rule.id]
            by_id[rule.id] = rule
            findings += [f for f in (laxer_than(rule, other) for other in national) if f is not None]
    if faults:
        raise SchemaError("; ".join(faults))
    return Catalogue(
        by_id=MappingProxyType(by_id),
        documents=MappingProxyType(documents),
        packs=tuple(names),
        findings=tuple(findings),
        replaced=MappingProxyType(replaced),
    )


@lru_cache(maxsize=1)
def _national() -> tuple[Catalogue, Mapping[str, Mapping[str, Any]]]:
    """Return the packaged catalogue and its entries as they were written."""
    folder = files("siting.standards")
    listed = parse_trusted(folder.joinpath("documents.yaml").read_text("utf-8"))["documents"]
    documents = {document.code: document for document in map(parse_document, listed)}
    entries: dict[str, Mapping[str, Any]] = {}
    by_id: dict[str, Rule] = {}
    faults: list[str] = []
    for topic in TOPICS:
        content = parse_trusted(folder.joinpath("rules", f"{topic}.yaml").read_text("utf-8"))
        for item in content["rules"]:
            entry = {**item, "topic": content["topic"]}
            if entry["id"] in entries:
                faults.append(f"rule {entry['id']}: stands twice")
            entries[entry["id"]] = entry
            try:
                by_id[entry["id"]] = parse_rule(entry, documents, NATIONAL)
            except SchemaError as error:
                faults.append(str(error))
    for rule in by_id.values():
        faults += [
            f"rule {rule.id}: conflicts_with names {o!r}, which is no rule"
            for o in rule.conflicts_with
            if o not in by_id
        ]
    if faults:
        raise SchemaError("; ".join(faults))
    catalogue = Catalogue(
        by_id=MappingProxyType(by_id), documents=MappingProxyType(documents), replaced=MappingProxyType({})
    )
    return catalogue, entries


def _searched(rule: Rule) -> str:
    source = rule.source
    words = (
        rule.id,
        rule.name.zh,
        rule.name.en,
        source.document,
        source.title,
        source.clause,
        rule.note,
        rule.applies_to,
    )
    return " ".join(words).lower()
