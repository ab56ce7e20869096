"""`siting new`: a commented study file from the files at hand."""

from siting.scaffold.study_text import write_study

__all__ = ["write_study"]
