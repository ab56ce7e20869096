"""How a run tells what it is doing; the command line and notebooks show it, the library stays silent."""

from typing import Protocol

from siting.ledger import Text


class Progress(Protocol):
    """Receives the stages of a run."""

    def stage(self, text: Text, steps: int = 1) -> None:
        """Say that a stage of ``steps`` steps begins."""

    def step(self, text: Text) -> None:
        """Say that one step of the stage is done."""

    def close(self) -> None:
        """Say that there is nothing more to come."""


class Silent:
    """Says nothing."""

    def stage(self, text: Text, steps: int = 1) -> None:
        """Do nothing."""

    def step(self, text: Text) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
