"""The one place where the time of writing enters a result."""

import os
from datetime import UTC, datetime

from siting.errors import OutputError

EPOCH_VARIABLE = "SOURCE_DATE_EPOCH"
"""Seconds since 1970; set it, and two runs leave the same bytes."""


def timestamp() -> str:
    """Time of writing as ISO text in UTC, as GeoPackages hold it: 2026-01-31T08:00:00.000Z."""
    epoch = os.environ.get(EPOCH_VARIABLE)
    if epoch is None:
        now = datetime.now(UTC).replace(microsecond=0)
    else:
        try:
            now = datetime.fromtimestamp(int(epoch), UTC)
        except (ValueError, OverflowError, OSError) as error:
            msg = f"environment variable {EPOCH_VARIABLE} is {epoch!r}; give whole seconds since 1970"
            raise OutputError(msg) from error
    return now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
