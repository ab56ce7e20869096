"""Pictures are read back by an independent reader, pixel by pixel."""

import numpy as np
from PIL import Image

from siting.outputs.maps.png import write_png


def test_pixels_and_print_size_come_back(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (7, 11, 3), dtype=np.uint8)
    pixels[2:5, 3:8] = (10, 200, 30)
    write_png(tmp_path / "a.png", pixels, 200)
    with Image.open(tmp_path / "a.png") as picture:
        picture.verify()
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == "RGB"
        assert np.array_equal(np.asarray(picture), pixels)
        assert round(picture.info["dpi"][0]) == 200


def test_a_view_of_a_larger_picture_is_written_too(tmp_path):
    canvas = np.arange(4 * 5 * 4, dtype=np.uint8).reshape(4, 5, 4)
    write_png(tmp_path / "a.png", canvas[:, :, :3], 72)
    with Image.open(tmp_path / "a.png") as picture:
        assert np.array_equal(np.asarray(picture), canvas[:, :, :3])
