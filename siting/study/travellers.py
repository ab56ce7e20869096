"""Who moves in a study, and on which streets."""

from typing import Literal

Mode = Literal["walk", "drive"]
Walker = Literal["adult", "elderly", "step_free"]
Traveller = Literal["adult", "elderly", "step_free", "drive", "truck"]
