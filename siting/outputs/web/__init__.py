"""`map.html`: one file with everything in it, that opens from a USB stick on a computer without a network."""

from siting.outputs.web.write import write_page

__all__ = ["write_page"]
