"""Green and parks: 300 m to green, 500 m to park, the official coverage, what walls cost, green by person."""

from siting.themes.green.audit import Green, audit_green, lacks_green
from siting.themes.green.park_land import park_land
from siting.themes.green.parks import park_list
from siting.themes.green.siting_parks import GreenPlan, site_green

__all__ = ["Green", "GreenPlan", "audit_green", "lacks_green", "park_land", "park_list", "site_green"]
