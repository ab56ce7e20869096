"""Everything that a run leaves behind: GeoPackage, tables, maps, summary and evidence."""

from typing import TYPE_CHECKING, Any

from siting.outputs.contract import MapBase, RunLike
from siting.outputs.folder import OutputFolder, check_target

if TYPE_CHECKING:
    from siting.outputs.write import write_run

__all__ = ["MapBase", "OutputFolder", "RunLike", "check_target", "write_run"]


def __getattr__(name: str) -> Any:
    # Writing loads matplotlib and GDAL; checking a folder before a run must not.
    if name == "write_run":
        from siting.outputs.write import write_run

        return write_run
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
