"""Living circles: who reaches which class of each tier on foot, and what is missing in which community."""

from siting.themes.living_circle.audit import audit_living_circle
from siting.themes.living_circle.circles import living_circle_areas
from siting.themes.living_circle.result import LivingCircle
from siting.themes.living_circle.siting_result import ServiceSites
from siting.themes.living_circle.siting_services import site_services

__all__ = ["LivingCircle", "ServiceSites", "audit_living_circle", "living_circle_areas", "site_services"]
