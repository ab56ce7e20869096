"""Pages from files that stand elsewhere in the project: contributing, changelog, the table of speed, the data."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BENCH = re.compile(r"<!-- bench:start -->\n(.*?)<!-- bench:end -->\n(.*?)\n## ", flags=re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")
_AS_PAGE = {
    "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "README.md": "index.md",
    "README.zh.md": "index.zh.md", "docs/policy-items.md": "policy-items.md",
    "docs/policy-items.zh.md": "policy-items.zh.md",
}  # fmt: skip


def pages() -> dict[str, str]:
    """Return the pages by path."""
    return {
        "contributing.md": _from("CONTRIBUTING.md"),
        "changelog.md": _from("CHANGELOG.md"),
    }


def speed(readme: str) -> str:
    """Return the table of speed of a README, with the words below it."""
    found = _BENCH.search((ROOT / readme).read_text(encoding="utf-8"))
    assert found is not None, f"{readme} has no table between the marks of the bench"
    return f"{found[1]}\n{found[2]}"


def site_links(markdown: str) -> str:
    """Put the table of speed in place of ``{{ speed README }}``."""
    return re.sub(r"^\{\{ speed (\S+) \}\}$", lambda call: speed(call[1]), markdown, flags=re.MULTILINE)


def _from(name: str) -> str:
    """Return a file of the project; what it links to and the site does not have is named, not linked."""

    def link(found: re.Match[str]) -> str:
        target = _AS_PAGE.get(found[1])
        return f"]({target}{found[2] or ''})" if target else f"](repository:{found[1]})"

    text = _LINK.sub(link, (ROOT / name).read_text(encoding="utf-8"))
    return re.sub(r"\[([^\]]+)\]\(repository:([^)]+)\)", r"\1 (`\2`)", text)
