"""Where the packaged samples are: inside an installed wheel, or in `data/` of a checkout."""

from pathlib import Path

from siting.errors import InputError

_PACKAGED = Path(__file__).parent / "_data"
_CHECKOUT = Path(__file__).resolve().parents[1] / "data"


def sample_folder(name: str) -> Path:
    """Return the folder of a packaged sample.

    Parameters
    ----------
    name : ``"helsinki-centre"`` (real, OpenStreetMap) or ``"demo-district"`` (synthetic)

    Raises
    ------
    InputError
        No sample has this name.
    """
    for base in (_PACKAGED, _CHECKOUT):
        if (base / name / "study.toml").is_file():
            return base / name
    known = sorted({p.parent.name for base in (_PACKAGED, _CHECKOUT) for p in base.glob("*/study.toml")})
    msg = f"no sample '{name}'; there are: {', '.join(known) or 'none (reinstall the package)'}"
    raise InputError(msg)


def sample_study(name: str = "helsinki-centre") -> Path:
    """Return the study file of a packaged sample."""
    return sample_folder(name) / "study.toml"
