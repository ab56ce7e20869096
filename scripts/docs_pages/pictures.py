"""The pictures of the documentation: pages of `siting demo`, made small.

siting demo --out demo && python scripts/docs_pages/pictures.py demo
"""

import sys
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
PAGES = {"demo-coverage": "coverage_toilets_on_foot", "demo-plan": "plan_toilets_5"}
WIDTH, COLOURS = 900, 64


def main(result: Path) -> None:
    """Write every picture, of at most 200 kB, from the maps of a finished demo."""
    for name, page in PAGES.items():
        with Image.open(result / "maps" / f"{page}.png") as picture:
            size = (WIDTH, round(picture.height * WIDTH / picture.width))
            small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            small.quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
