"""Chinese names must not come out as empty boxes."""

import io
import warnings

import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from siting.errors import OutputError
from siting.outputs.fonts import BUNDLED_FONT, missing_characters, missing_finding, use_cjk_fonts


def gb2312() -> str:
    codes = (bytes([a, b]) for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF))
    return "".join(code.decode("gb2312", "ignore") for code in codes)


def test_every_gb2312_character_can_be_drawn():
    assert len(gb2312()) == 6763
    assert missing_characters([gb2312()]) == set()


@pytest.mark.parametrize(
    "text",
    ["澳門氹仔舊城區", "臺北市萬華區艋舺", "香港深水埗葵涌", "São João, Côa, Óbidos, Açores", "≤ 500 m²、300 m／№"],
)
def test_traditional_and_portuguese_can_be_drawn(text):
    assert missing_characters([text]) == set()


def test_all_names_of_macau_and_taipei_can_be_drawn(shared_data):
    texts = []
    for path in sorted([*(shared_data / "macau").glob("*.csv"), *(shared_data / "taipei").glob("*.csv")]):
        texts += pd.read_csv(path, dtype=str, encoding="utf-8-sig").fillna("").to_numpy().ravel().tolist()
    han = ["".join(c for c in t if "㐀" <= c <= "鿿") for t in texts]
    assert sum(map(len, han)) > 10_000
    assert missing_characters(han) == set()


def test_missing_characters_are_listed_once():
    missing = missing_characters(["龘𠀀", "𠀀路"])
    assert missing == {"𠀀"}
    finding = missing_finding(missing)
    assert finding is not None
    assert (finding.kind, finding.count, finding.ids) == ("warning", 1, ("𠀀",))
    assert "𠀀" in finding.text.en
    assert missing_finding(set()) is None


def test_drawing_mixed_text_raises_no_glyph_warning():
    with warnings.catch_warnings(), rc_context({"font.family": use_cjk_fonts()}):
        warnings.simplefilter("error")
        figure = Figure(figsize=(4, 1))
        FigureCanvasAgg(figure)
        figure.text(0.1, 0.5, "公园 500 米 氹仔 São −5")
        figure.savefig(io.BytesIO(), format="png")


def test_family_list_leads_with_latin_and_goes_on_with_the_bundled_font():
    names = use_cjk_fonts()
    assert names[0] == "DejaVu Sans"
    assert names[1] == "Noto Sans SC subset"
    assert use_cjk_fonts() == names
    assert BUNDLED_FONT.stat().st_size < 3_000_000


def test_a_user_font_that_is_no_font_is_refused(tmp_path):
    (tmp_path / "x.ttf").write_text("no font")
    with pytest.raises(OutputError, match=r"x\.ttf"):
        use_cjk_fonts(tmp_path / "x.ttf")
