"""A study: one TOML file that names the layers, the rules to judge and the sites to find."""

from siting.study.study import Study

__all__ = ["Study"]
