"""Everything that `siting` raises on purpose.

The kinds that a caller's data can cause are also `ValueError`, so they are caught either way. A message names the
layer, the field, the rows and the next step.
"""


class SitingError(Exception):
    """Base of all errors of this package."""


class InputError(SitingError, ValueError):
    """A layer, table, raster or study file cannot be used as it is."""


class CRSError(InputError):
    """A coordinate reference system is missing, unusable or contradicted by the coordinates."""


class GeometryError(InputError):
    """Geometries are null, not finite, of the wrong kind or not repairable."""


class SchemaError(InputError):
    """A field or setting is missing, unknown, or has values outside its domain."""


class NetworkDataError(InputError):
    """Streets from which no usable network follows."""


class FileFormatError(InputError):
    """A file is damaged, incomplete, of an unknown format, or not readable as text."""


class ModelError(SitingError):
    """A location model has no usable answer."""


class InfeasibleError(ModelError, ValueError):
    """No choice of sites meets the conditions; the message says why and what would work."""


class SolverError(ModelError):
    """The solver ended without an answer."""


class DownloadError(SitingError):
    """A map server cannot be reached, refuses, or sends something else."""


class OutputError(SitingError):
    """Results could not be written; what stood there before is untouched."""
