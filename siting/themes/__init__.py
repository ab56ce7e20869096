"""Planners' questions: what each is about, so that a study can name it in one word."""

from siting.themes.themes import Theme, load_themes

__all__ = ["Theme", "load_themes"]
