"""Spacing of public toilets along the streets of a study."""

from collections.abc import Callable

from siting.ledger import Text
from siting.study import Study
from siting.study.toilets_table import ToiletsTable
from siting.themes import City, ThemeResult
from siting.themes.toilets.records import Columns, read_records
from siting.themes.toilets.spacing import WITHIN_M, ToiletSpacing, audit_spacing
from siting.themes.toilets.spacing_shown import TITLE
from siting.themes.toilets.spacing_types import RULES, spacings, types_of_edges

NO_STREETS = Text("没有路网；请给出 [streets]", "there are no streets; give [streets]")

NO_SPACING = Text("没有路网，无法计算沿街间距；请给出 [streets]", "no streets, so no spacing; give [streets]")


def check_spacing(toilets: ToiletsTable, city: City) -> None:
    """Refuse types of street that the streets of a city do not tell, before they are walked.

    Raises
    ------
    InputError
        A rule that sets no spacing, no column of types, a type without a rule.
    """
    table = toilets.spacing
    if table is None or city.network is None:
        return
    asked = spacings(city.catalogue, None if not table.rules else {**RULES, **table.rules})
    types_of_edges(city.network.edges, table.types or table.by_highway or None, tuple(s.type for s in asked))


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
        return ThemeResult(theme="toilet_spacing", title=TITLE, missing=((TITLE, NO_STREETS),))
    return audit().themed()
