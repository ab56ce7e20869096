"""The streams into which waste is sorted, each with its own way from the bin to the plant."""

from typing import Literal

from siting.ledger import Text

Stream = Literal["kitchen", "recyclable", "hazardous", "other", "construction", "bulky"]

STREAMS: dict[Stream, Text] = {
    "kitchen": Text("厨余垃圾", "kitchen waste"),
    "recyclable": Text("可回收物", "recyclables"),
    "hazardous": Text("有害垃圾", "hazardous waste"),
    "other": Text("其他垃圾", "other waste"),
    "construction": Text("建筑垃圾", "construction waste"),
    "bulky": Text("大件垃圾", "bulky waste"),
}

TONNES = "t_day_"
"""Columns ``t_day_<stream>`` hold tonnes per day of a stream."""


def tonnes_of(stream: Stream) -> str:
    """Return the column with the tonnes per day of a stream."""
    return TONNES + stream
