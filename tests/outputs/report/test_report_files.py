"""The two files as files: safe, printable, for every reader, the same bytes each time."""

import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from report_reading import docx_text, html_page
from report_written import Written

CHAPTERS = {
    "zh": ["研究范围与对象", "数据与时点", "方法与条文依据", "评估结果", "服务盲区", "选址方案", "未能评判的内容",
           "未核实默认值与设定", "证据"],
    "en": ["Scope", "Data and their dates", "Method and clauses", "Results", "Gaps", "Proposed sites",
           "What could not be judged", "Unverified defaults and assumptions", "Evidence"],
}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_chapters_stand_in_order_in_the_language_of_the_run(run, tmp_path, lang):
    report = Written(replace(run, lang=lang), tmp_path)
    heads = [p.text for p in docx.Document(str(report.docx)).paragraphs if p.style.name == "Heading 1"]
    assert [re.split(r"[\u2002 ]{1,2}", h, maxsplit=1)[1].split("  ")[0] for h in heads] == CHAPTERS[lang]
    page = html_page(report.html)
    assert ("html", {"lang": {"zh": "zh-CN", "en": "en"}[lang]}) in page.tags


def test_the_page_asks_for_nothing_outside_itself(drawn):
    page = html_page(drawn.html)
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not [a for _, a in page.tags if "style" in a or any(k.startswith("on") for k in a)]
    assert all(a["src"].startswith("data:image/png;base64,") and a["alt"] for tag, a in page.tags if tag == "img")
    assert all(a["href"].startswith("#") for tag, a in page.tags if tag == "a")
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}


def test_links_of_the_contents_lead_to_headings(drawn):
    page = html_page(drawn.html)
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for tag, a in page.tags if tag == "a"} <= set(ids)


def test_word_knows_captions_contents_heads_and_pictures(drawn):
    document = docx.Document(str(drawn.docx))
    body = document.element.body
    fields = " ".join(e.text for e in body.iter(qn("w:instrText")))
    assert "TOC" in fields
    assert "SEQ 表" in fields
    assert "SEQ 图" in fields
    marks = {e.get(qn("w:name")) for e in body.iter(qn("w:bookmarkStart"))}
    links = [e.get(qn("w:anchor")) for e in body.iter(qn("w:hyperlink"))]
    assert links
    assert set(links) <= marks
    tables = list(body.iter(qn("w:tbl")))
    assert all(t.find(".//" + qn("w:tblHeader")) is not None for t in tables)
    pictures = [e.get("descr") for e in body.iter() if e.tag.endswith("}docPr")]
    assert len(pictures) == 2  # one for the topic, one for the plan
    assert all(pictures)
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "宋体"
    assert document.styles["Heading 1"].element.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    assert "updateFields" not in document.settings.element.xml


def test_no_table_is_wider_than_the_page(drawn, demo):
    for report in (drawn, demo):
        for table in docx.Document(str(report.docx)).element.body.iter(qn("w:tbl")):
            widths = [int(c.get(qn("w:w"))) for c in table.iter(qn("w:gridCol"))]
            assert sum(widths) <= 162 * 56.7 + len(widths)
            assert min(widths) > 300


def test_the_same_run_gives_the_same_bytes(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    one, other = (Written(run, folder) for folder in folders)
    assert one.html.read_bytes() == other.html.read_bytes()
    assert one.docx.read_bytes() == other.docx.read_bytes()
    with zipfile.ZipFile(one.docx) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "2026-01-01 (UTC)" in docx_text(one.docx)


def test_a_run_without_maps_plans_zones_and_rules_still_has_a_report(run, tmp_path):
    bare = replace(
        run, audits={}, plans={}, zones={}, gaps=run.gaps.iloc[:0], accounts=(), findings=(), seeds={}, parameters={},
        data_date=None, crs_note=None, scale_error_ppm=None, unsnapped=run.unsnapped.iloc[:0],
        demand=run.demand.drop(columns="people"),
    )  # fmt: skip
    text = docx_text(Written(bare, tmp_path, maps=False).docx)
    assert "本研究未列规则" in text
    assert "人口未知" in text
    assert "数据未注明" in text


def test_what_was_not_judged_or_not_verified_is_said(drawn):
    tables = html_page(drawn.html).tables
    assert [row[0] for row in tables["not-judged"][1:]] == ["社区卫生站"]
    assert tables["not-judged"][1][2] == "标准未给出距离"
    assert [row[1] for row in tables["unverified"][1:]] == ["未核实默认值", "二手来源"]
