"""The chain from source over transfer station to plant, sited as a whole."""

from siting.themes.waste.chain.failure import failures
from siting.themes.waste.chain.plan import ChainPlan, site_chain
from siting.themes.waste.chain.rates import StreamRates
from siting.themes.waste.chain.years import ChainYears, site_chain_years

__all__ = ["ChainPlan", "ChainYears", "StreamRates", "failures", "site_chain", "site_chain_years"]
