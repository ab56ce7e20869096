"""Everything that a run leaves behind: GeoPackage, tables, maps, summary and evidence."""
