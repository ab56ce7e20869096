"""Planners' questions: what each is about, and what it finds in a city."""

from siting.themes.city import City
from siting.themes.result import Class, Scale, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.themes import Theme, load_themes

__all__ = ["City", "Class", "Scale", "Theme", "ThemeLayer", "ThemeResult", "ThemeTable", "load_themes"]
