"""The text encoding of a shapefile that does not state it."""

from dataclasses import dataclass
from pathlib import Path

from siting.ledger import Finding, Text

_CODE_PAGE_CHINESE = {0x4D: "cp936", 0x7A: "cp936", 0x4F: "cp950", 0x78: "cp950"}
_SAMPLE_BYTES = 4 * 2**20
_SURE = 0.9
_NAME_BYTES = 11
_PAIRED = 0.75
_FIRST_OF_GB2312 = 0xA1


@dataclass(frozen=True, slots=True)
class DbfEncoding:
    """Encoding to read with; None leaves it to the reader (pure ASCII, or stated in the file)."""

    encoding: str | None
    findings: tuple[Finding, ...] = ()


def dbf_encoding(data: bytes, cpg: Path | str | None) -> DbfEncoding:
    """Find the encoding of a .dbf: as the .cpg or its code page states, else UTF-8 or GBK by its bytes, with a warning.

    GBK is assumed where at least 9 of 10 values can be read so and three quarters of the characters are pairs of bytes
    above 160, as in GB 2312: European letters stand alone, and in Big5 the second byte is often lower.
    """
    stated = cpg.read_text("ascii", "ignore") if isinstance(cpg, Path) else cpg
    if stated is not None and stated.strip():
        return DbfEncoding(None)
    texts = _high_texts(data)
    if not texts:
        return DbfEncoding(None)
    if len(data) > 29 and data[29] in _CODE_PAGE_CHINESE:
        return DbfEncoding(_CODE_PAGE_CHINESE[data[29]])
    if _share(texts, "utf-8") == 1.0:
        return DbfEncoding("utf-8")
    if _share(texts, "gb18030") >= _SURE and _paired(texts) >= _PAIRED:
        sample = _decode(texts[0], "gb18030") or ""
        text = Text(
            f"没有 .cpg 文件，文字按 GBK 读取（例：{sample}）；如不对请设置 encoding",
            f"there is no .cpg file; text was read as GBK (e.g. {sample}). If that is wrong, set encoding",
        )
        return DbfEncoding("cp936", (Finding(code="encoding_guessed", kind="warning", count=len(texts), text=text),))
    text = Text(
        "没有 .cpg 文件，文字编码不明，可能显示为乱码；请设置 encoding",
        "there is no .cpg file and the text encoding is unclear, so names may be garbled; set encoding",
    )
    return DbfEncoding(None, (Finding(code="encoding_unknown", kind="warning", count=len(texts), text=text),))


@dataclass(frozen=True, slots=True)
class _Value:
    """Bytes of one name or value; ``full`` where they fill their width, so that a last character may be cut."""

    data: bytes
    full: bool


def _high_texts(data: bytes) -> list[_Value]:
    """Field names and text values with bytes above 127, from the first megabytes of the file."""
    header, record = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    names: list[_Value] = []
    spans: list[tuple[int, int]] = []
    at, offset = 32, 1
    while at + 32 <= min(header, len(data)) and data[at] != 0x0D:
        name = data[at : at + _NAME_BYTES].split(b"\x00")[0]
        names.append(_Value(name, len(name) >= _NAME_BYTES - 1))
        width = data[at + 16]
        if data[at + 11 : at + 12] == b"C":
            spans.append((offset, offset + width))
        offset += width
        at += 32
    found = [name for name in names if not name.data.isascii()]
    if record > 0:
        for start in range(header, min(len(data) - record, header + _SAMPLE_BYTES) + 1, record):
            for first, end in spans:
                raw = data[start + first : start + end]
                value = raw.strip(b" \x00")
                if not value.isascii():
                    found.append(_Value(value, len(value) >= len(raw) - 3))
    return found


def _share(texts: list[_Value], encoding: str) -> float:
    return sum(_decode(t, encoding) is not None for t in texts) / len(texts)


def _paired(texts: list[_Value]) -> float:
    """Share of the characters beyond ASCII, read as GBK, that lie in the range of GB 2312."""
    pairs = [c.encode("gb18030") for t in texts for c in (_decode(t, "gb18030") or "") if not c.isascii()]
    return sum(len(p) == 2 and min(p) >= _FIRST_OF_GB2312 for p in pairs) / max(1, len(pairs))


def _decode(text: _Value, encoding: str) -> str | None:
    """Text of a value, without the part of a character that the field's width cut off."""
    for cut in range(4 if text.full else 1):
        try:
            return text.data[: len(text.data) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
