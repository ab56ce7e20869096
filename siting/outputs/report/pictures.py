"""Maps made smaller for a report: fewer pixels, 256 colours, the same bytes every time."""

import io
from pathlib import Path

from PIL import Image

LONGEST_SIDE = 1754
"""Pixels: A4 at 150 to the inch."""
COLOURS = 256


def report_png(path: Path) -> tuple[bytes, float]:
    """Return a picture as PNG bytes for the page, and its height by its width."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    scale = min(1.0, LONGEST_SIDE / max(picture.size))
    if scale < 1:
        size = (round(picture.width * scale), round(picture.height * scale))
        picture = picture.resize(size, Image.Resampling.BOX, reducing_gap=None)
    small = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    held = io.BytesIO()
    small.save(held, "PNG", optimize=False, compress_level=9)
    return held.getvalue(), picture.height / picture.width
