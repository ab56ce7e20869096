"""Chinese in pictures: which fonts to use, and which characters none of them has."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from siting.errors import OutputError
from siting.ledger import Finding, Text

LATIN_FONT = "DejaVu Sans"
"""Comes with matplotlib and leads the list: figures, accents and the minus sign do not depend on the Chinese font."""
BUNDLED_FONT = Path(__file__).parent / "fonts" / "NotoSansSC-subset.otf"
INSTALLED_FONTS: tuple[str, ...] = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Microsoft YaHei",
)
FONT_VARIABLE = "SITING_FONT"
"""Environment variable with the path of the font that a user prefers."""


def use_cjk_fonts(user_font: str | Path | None = None) -> list[str]:
    """Register the fonts that maps need and return their family names, for ``rc_context({"font.family": …})``.

    Parameters
    ----------
    user_font : path of a .ttf, .otf or .ttc file that comes before all other Chinese fonts; default: the environment
        variable ``SITING_FONT``, if set

    Returns
    -------
    Family names; matplotlib takes each character from the first that has it. The bundled font goes before the
    installed ones, which only lend it rare characters: so a map has the same bytes on every machine.

    Raises
    ------
    OutputError
        ``user_font`` is not a font file.
    """
    user = _user_font(user_font)
    # By path each time: matplotlib's font cache may be older than the fonts.
    names = [LATIN_FONT, *([_register(user)] if user else []), _register(BUNDLED_FONT)]
    return list(dict.fromkeys([*names, *(entry.name for entry in _installed())]))


def missing_characters(texts: Iterable[str], user_font: str | Path | None = None) -> set[str]:
    """Return the characters of ``texts`` that none of the fonts of `use_cjk_fonts` can draw."""
    wanted = {c for text in texts for c in text if not c.isspace()}
    user = _user_font(user_font)
    paths = [Path(font_manager.findfont(LATIN_FONT)), BUNDLED_FONT, *([user] if user else [])]
    for path in paths:
        wanted -= {c for c in wanted if ord(c) in _characters(path)}
    if wanted:
        for entry in _installed():
            wanted -= {c for c in wanted if ord(c) in _characters(Path(entry.fname), getattr(entry, "index", 0))}
    return wanted


def missing_finding(missing: set[str]) -> Finding | None:
    """One warning that lists the characters no font has, or None if there are none."""
    if not missing:
        return None
    shown = " ".join(sorted(missing)[:40])
    return Finding(
        code="font_missing_characters",
        kind="warning",
        count=len(missing),
        text=Text(
            f"地图字体缺少 {len(missing)} 个字符：{shown}；请用环境变量 {FONT_VARIABLE} 指定含有这些字符的字体",
            f"the map fonts lack {len(missing)} characters: {shown}; name a font that has them in {FONT_VARIABLE}",
        ),
        ids=tuple(sorted(missing)[:20]),
    )


def drawable(text: str, missing: set[str]) -> str:
    """Return ``text`` with characters that no font has replaced by a white square, so that nothing warns."""
    return "".join("□" if c in missing else c for c in text) if missing else text


def _user_font(path: str | Path | None) -> Path | None:
    wanted = path or os.environ.get(FONT_VARIABLE)
    return Path(wanted) if wanted else None


def _installed() -> list[font_manager.FontEntry]:
    """One entry for each family of `INSTALLED_FONTS` that this machine has, in that order."""
    present = {
        e.name: e for e in font_manager.fontManager.ttflist if e.name in INSTALLED_FONTS and Path(e.fname).is_file()
    }
    return [present[name] for name in INSTALLED_FONTS if name in present]


def _register(path: Path) -> str:
    known = {entry.fname: entry.name for entry in font_manager.fontManager.ttflist}
    if str(path) in known:
        return str(known[str(path)])
    _characters(path)  # refuses what is no font before matplotlib sees it
    font_manager.fontManager.addfont(path)
    return str(FT2Font(str(path)).family_name)


@cache
def _characters(path: Path, face: int = 0) -> frozenset[int]:
    try:
        font = FT2Font(str(path), face_index=face) if face else FT2Font(str(path))
        return frozenset(font.get_charmap())
    except (OSError, RuntimeError) as error:
        msg = f"font {path}: {error}. Name a .ttf, .otf or .ttc file"
        raise OutputError(msg) from error
