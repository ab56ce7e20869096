"""Waste from the bin to the plant: what arises, where it is collected, transferred and treated."""

from siting.themes.waste.streams import STREAMS, Stream, tonnes_of

__all__ = ["STREAMS", "Stream", "tonnes_of"]
