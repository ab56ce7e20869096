"""Result layers in the formats of others: ESRI Shapefile and GeoJSON."""

from siting.outputs.exports.export import Export, ExportedFile, export_layers

__all__ = ["Export", "ExportedFile", "export_layers"]
