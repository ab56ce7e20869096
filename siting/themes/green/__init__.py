"""Green and parks: 300 m to green, 500 m to park, the official coverage, what walls cost, green by person."""

from siting.themes.green.audit import Green, audit_green, lacks_green
from siting.themes.green.parks import park_list

__all__ = ["Green", "audit_green", "lacks_green", "park_list"]
