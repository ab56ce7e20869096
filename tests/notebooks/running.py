"""Run a notebook as "restart and run all" would, and look at what it left."""

import asyncio
import base64
import io
import os
import re
import warnings
from html import unescape
from pathlib import Path

import nbformat
import numpy as np
from matplotlib.image import imread
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
SECONDS_A_CELL = 600
LEAST_PIXELS, LEAST_COLOURS = 400, 100


def read(path):
    return nbformat.read(path, as_version=4)


def execute(name, folder):
    """Run a notebook in ``folder``, with the Python of the tests; nothing may be left behind there."""
    notebook = read(FOLDER / f"{name}.ipynb")
    nbformat.validate(notebook)
    with warnings.catch_warnings():
        # What Jupyter warns about its own parts is not ours.
        warnings.simplefilter("default")
        client = NotebookClient(notebook, timeout=SECONDS_A_CELL, resources={"metadata": {"path": str(folder)}})
        asyncio.run(client.async_execute(env=_as_at_a_desk()))
    assert list(folder.iterdir()) == []
    check(notebook)
    return notebook


def _as_at_a_desk():
    """Return the environment of somebody who opens Jupyter: no way to draw was chosen, so pictures go into the page."""
    return {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}


def check(notebook):
    """No error, no warning, no codes of a terminal, no path of this machine; maps that show something."""
    streams = [o for o in outputs(notebook) if o["output_type"] == "stream"]
    assert [o["evalue"] for o in outputs(notebook) if o["output_type"] == "error"] == []
    assert "".join(o["text"] for o in streams if o["name"] == "stderr") == ""
    everything = "".join(o["text"] for o in streams) + pages(notebook)
    assert "\x1b" not in everything
    assert str(FOLDER.parent) not in everything
    drawn = images(notebook)
    assert len(drawn) >= 2
    for image in drawn:
        assert min(image.shape[:2]) > LEAST_PIXELS
        colours = np.unique((image[..., :3] * 255).astype(int).reshape(-1, 3), axis=0)
        assert len(colours) > LEAST_COLOURS


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def pages(notebook):
    """Return every card and table, as HTML."""
    return "".join(o["data"].get("text/html", "") for o in outputs(notebook) if "data" in o)


def shown(notebook):
    """Return the words of every card and table."""
    return unescape(re.sub(r"<[^>]*>", "", pages(notebook)))


def images(notebook):
    found = [o["data"]["image/png"] for o in outputs(notebook) if "image/png" in o.get("data", {})]
    return [imread(io.BytesIO(base64.b64decode(text)), format="png") for text in found]


def answer(notebook):
    """Return what the last cells print."""
    return "".join(
        o["text"] for cell in notebook.cells for o in cell.get("outputs", ()) if o["output_type"] == "stream"
    )
