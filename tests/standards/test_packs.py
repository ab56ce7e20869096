"""Local rule packs: they win, they keep their own source, and they never undercut a mandatory clause in silence."""

import textwrap

import pytest

from siting.errors import FileFormatError, InputError, SchemaError
from siting.standards import Reading, load_catalogue

HEAD = """\
pack: example-city
documents:
  - {code: DB00/T 1-2026, title: 某市公共设施设置标准, status: local, standing: local}
rules:
"""


@pytest.fixture
def pack(tmp_path):
    def write(rules, head=HEAD, name="pack.yaml"):
        path = tmp_path / name
        path.write_text(head + textwrap.indent(textwrap.dedent(rules), "  "), encoding="utf-8")
        return path

    return write


STRICTER = """\
- id: wc.radius.mandatory
  threshold: 250
  source: {document: DB00/T 1-2026, clause: 4.2.1}
  confidence: clause
"""


def test_a_stricter_figure_wins_with_its_own_source(pack):
    catalogue = load_catalogue([pack(STRICTER)])
    rule = catalogue["wc.radius.mandatory"]
    assert (rule.limit_m, rule.source.document, rule.source.clause, rule.pack) == (
        250.0,
        "DB00/T 1-2026",
        "4.2.1",
        "example-city",
    )
    assert catalogue.findings == ()
    assert catalogue.replaced["wc.radius.mandatory"].limit_m == 300.0
    assert catalogue.packs == ("national", "example-city")
    assert len(catalogue) == 361
    assert load_catalogue()["wc.radius.mandatory"].limit_m == 300.0  # the packaged catalogue is untouched


def test_inherited_parts_are_no_longer_read_in_the_cited_clause(pack):
    rules = """\
    - id: park.gb51346.cover
      target: {share: 0.95, operator: ">=", reading: clause}
      threshold: 0.95
      source: {document: DB00/T 1-2026, clause: 4.1.1}
      confidence: clause
    """
    rule = load_catalogue([pack(rules)])["park.gb51346.cover"]
    assert rule.target.share == 0.95
    assert rule.readings["target"] is Reading.CLAUSE
    assert rule.readings["denominator"] is rule.readings["distance"] is rule.readings["threshold"] is Reading.ASSUMED
    assert not rule.verdict_allowed
    assert (rule.note, rule.seen_in) == ("", ())


def test_a_pack_that_states_every_part_allows_a_verdict(pack):
    rules = """\
    - id: city.wc.cover
      name: {zh: 公厕300米覆盖, en: Toilets within 300 m}
      topic: public_toilet
      tier: city
      metric: ratio
      operator: ">="
      threshold: 0.85
      unit: share of residential land
      facility: [public_toilet]
      radius: {metres: 300, reading: clause}
      distance: {kind: straight, reading: clause}
      denominator: {kind: land, reading: clause}
      target: {share: 0.85, operator: ">=", reading: clause}
      source: {document: DB00/T 1-2026, clause: 4.1.2}
      confidence: clause
    """
    catalogue = load_catalogue([pack(rules)])
    assert catalogue["city.wc.cover"].verdict_allowed
    assert catalogue.findings == ()
    assert len(catalogue) == 362


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (STRICTER.replace("250", "400"), ["the limit is 400 m, the clause has 300 m", "GB 55013-2021 5.0.1"]),
        (STRICTER.replace("threshold: 250", "threshold: null"), ["sets no distance limit"]),
        (STRICTER.replace("threshold: 250", "facility: [public_toilet, restricted_toilet]"), ["restricted_toilet"]),
        (
            """\
            - id: park.gb55014.cover
              threshold: 0.8
              operator: ">="
              target: {share: 0.8, operator: ">=", reading: clause}
              source: {document: DB00/T 1-2026, clause: 4.1.1}
              confidence: clause
            """,
            ["the target is ≥ 80%, the clause has > 80%"],
        ),
        (
            """\
            - id: park.gb55014.percap
              threshold: 7.5
              source: {document: DB00/T 1-2026, clause: 4.1.1}
              confidence: clause
            """,
            ["the figure is > 7.5 m2/person, the clause has > 8 m2/person"],
        ),
        (
            """\
            - id: city.wc
              name: {zh: 公厕500米, en: Toilets within 500 m}
              topic: public_toilet
              tier: city
              metric: service_radius
              operator: "<="
              threshold: 500
              unit: m
              facility: [public_toilet]
              distance: {kind: straight, reading: clause}
              denominator: {kind: people, reading: assumed}
              source: {document: DB00/T 1-2026, clause: 4.1.1}
              confidence: clause
            """,
            ["rule city.wc (example-city) asks less", "the limit is 500 m, the clause has 300 m"],
        ),
    ],
)
def test_less_than_a_mandatory_clause_is_used_and_reported(pack, rules, words):
    catalogue = load_catalogue([pack(rules)])
    (finding,) = catalogue.findings
    assert (finding.code, finding.kind) == ("laxer_than_mandatory", "warning")
    assert all(word in finding.text.en for word in words), finding.text.en
    assert "强制性条文" in finding.text.zh


def test_less_than_a_recommended_figure_is_the_citys_own_business(pack):
    rules = STRICTER.replace("wc.radius.mandatory", "fac.kindergarten").replace("250", "500")
    catalogue = load_catalogue([pack(rules)])
    assert (catalogue["fac.kindergarten"].limit_m, catalogue.findings) == (500.0, ())


def test_a_figure_for_a_rule_without_one_makes_it_computable(pack):
    rules = """\
    - id: fac.clinic
      threshold: 800
      denominator: {kind: people, reading: assumed}
      source: {document: DB00/T 1-2026, clause: "5.1"}
      confidence: clause
    """
    rule = load_catalogue([pack(rules)])["fac.clinic"]
    assert (rule.limit_m, rule.operator, rule.can_judge_access) == (800.0, "<=", True)


def test_a_figure_replaces_a_range(pack):
    rules = STRICTER.replace("wc.radius.mandatory", "fac.kindergarten.jgj39").replace("250", "400")
    rule = load_catalogue([pack(rules)])["fac.kindergarten.jgj39"]
    assert (rule.limit_m, rule.threshold, rule.operator, rule.radius_m) == (400.0, 400.0, "<=", None)


def test_the_later_of_two_packs_wins(pack):
    first = pack(STRICTER, name="a.yaml")
    second = pack(
        STRICTER.replace("250", "200").replace("4.2.1", "'9.9'"),
        head=HEAD.replace("example-city", "old-town").replace("DB00/T 1-2026", "DB00/T 2-2026"),
        name="b.yaml",
    )
    second.write_text(second.read_text("utf-8").replace("DB00/T 1", "DB00/T 2"), encoding="utf-8")
    rule = load_catalogue([first, second])["wc.radius.mandatory"]
    assert (rule.limit_m, rule.pack) == (200.0, "old-town")
    with pytest.raises(SchemaError, match="'example-city' was read already"):
        load_catalogue([first, pack(STRICTER, head=HEAD.replace("1-2026", "3-2026"), name="c.yaml")])


def test_every_fault_of_a_pack_is_named_at_once(pack):
    rules = """\
    - id: wc.radius.mandatory
      treshold: 250
      source: {document: DB00/T 1-2026, clause: 4.2.1}
      confidence: clause
    - id: fac.market
      facility: [markt]
      threshold: .nan
      distance: {kind: walking, reading: clause}
      source: {document: DB00/T 1-2027, clause: 4.2.2}
      confidence: read
    - id: wc.radius.mandatroy
      threshold: 1
    - threshold: 3
    """
    with pytest.raises(SchemaError) as caught:
        load_catalogue([pack(rules)])
    message = str(caught.value)
    for words in (
        "rule pack pack.yaml",
        "unknown field 'treshold'; did you mean 'threshold'?",
        "facility: no class 'markt'; did you mean 'market'?",
        "threshold: expected a finite number, a list of numbers or null, found nan",
        "distance: expected {kind: network | straight | time, reading: …}",
        "source: 'DB00/T 1-2027' is not in the list of documents; did you mean 'DB00/T 1-2026'?",
        "confidence: 'read' is not one of clause, secondary, unverified, assumed",
        "rule wc.radius.mandatroy: field 'name' is missing",
        "did you mean 'wc.radius.mandatory'?",
        "rules[4]: expected a mapping with an id",
    ):
        assert words in message, words


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("pack: national\nrules: []\n", SchemaError, "expected a name of its own"),
        ("pack: x\nrule: []\n", SchemaError, "unknown key 'rule'; did you mean 'rules'?"),
        ("pack: x\nrules: {a: 1}\n", SchemaError, "rules: expected a list, found dict"),
        ("- a\n", SchemaError, "found no mapping"),
        ("pack: x\npack: y\nrules: []\n", SchemaError, "line 2: the key 'pack' stands twice"),
        ("pack: x\nrules: [{a: {b: 1, b: 2}}]\n", SchemaError, "the key 'b' stands twice"),
        ("pack: [x\n", FileFormatError, "not readable as YAML"),
        ("a: &a [1]\npack: *a\n", FileFormatError, r"line 2: aliases \(\*a\) are not accepted"),
        ("pack: !!python/object/apply:os.system [ls]\n", FileFormatError, "tag .* is not accepted"),
        ("pack: " + "[" * 100_000 + "\n", FileFormatError, "nested more than 12 deep"),
        ("pack: x\ndocuments: [{code: A, title: t, status: s, standing: old}]\n", SchemaError, "standing: 'old'"),
        (
            "pack: x\ndocuments: [{code: GB 55013-2021, title: t, status: s, standing: local}]\n",
            SchemaError,
            "redefine",
        ),
    ],
)
def test_packs_that_cannot_be_used(tmp_path, text, error, words):
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=words):
        load_catalogue([path])


def test_files_that_are_no_text(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read"):
        load_catalogue([tmp_path / "none.yaml"])
    wrong = tmp_path / "gbk.yaml"
    wrong.write_bytes("pack: 某市\n".encode("gb18030"))
    with pytest.raises(FileFormatError, match="byte 8 is not UTF-8"):
        load_catalogue([wrong])
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 4_000_001)
    with pytest.raises(FileFormatError, match="expected at most 4,000,000"):
        load_catalogue([large])


def test_a_pack_that_changed_on_disk_is_read_again(pack):
    path = pack(STRICTER)
    assert load_catalogue([path])["wc.radius.mandatory"].limit_m == 250.0
    path.write_text(path.read_text("utf-8").replace("250", "1000"), encoding="utf-8")
    assert load_catalogue([path])["wc.radius.mandatory"].limit_m == 1000.0
