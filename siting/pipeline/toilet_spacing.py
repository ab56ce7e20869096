"""Spacing of public toilets along the streets of a study."""

from collections.abc import Callable

from siting.ledger import Text
from siting.study import Study
from siting.themes import City, ThemeResult
from siting.themes.toilets.records import Columns, read_records
from siting.themes.toilets.spacing import WITHIN_M, ToiletSpacing, audit_spacing
from siting.themes.toilets.spacing_shown import TITLE
from siting.themes.toilets.spacing_types import RULES


def spacing_of(study: Study, city: City) -> ToiletSpacing:
    """Audit the spacing as `[toilets.spacing]` asks for; the city has streets."""
    toilets = study.settings.toilets
    assert toilets is not None
    assert toilets.spacing is not None
    table = toilets.spacing
    return audit_spacing(
        city,
        toilets=read_records(city, Columns(**toilets.columns.model_dump())).toilets,
        types=table.types or table.by_highway or None,
        rules=None if not table.rules else {**RULES, **table.rules},
        within_m=WITHIN_M if table.within_m is None else table.within_m,
    )


def shown_spacing(city: City, audit: Callable[[], ToiletSpacing]) -> ThemeResult:
    """Show the audit; without streets, the theme says so."""
    if city.network is None:
        why = Text("没有路网；请给出 [streets]", "there are no streets; give [streets]")
        return ThemeResult(theme="toilet_spacing", title=TITLE, missing=((TITLE, why),))
    return audit().themed()
