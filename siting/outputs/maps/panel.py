"""The column of words beside a map: figures, clause, legend, the largest gaps or the sites."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Patch, Rectangle

from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.maps import style
from siting.outputs.maps.words import LegendRow

LINE_SPACING = 1.42
LAST_NARROW = 0x2E7F
"""Characters after this one are as wide as they are high."""
HANGING = 3
"""Most closing characters that stand beyond the width."""
OPENING = tuple("（(《“")
CLOSING = tuple("，。；：、）」”％,.;:)%")


class Panel:
    """A column that is written from top to bottom; positions in points from its upper left corner.

    Parameters
    ----------
    figure : the page
    box : left, bottom, width, height as shares of the page
    scale : how many points of the paper one point of the column takes: more than 1 on large paper
    """

    def __init__(self, figure: Figure, box: tuple[float, float, float, float], scale: float = 1.0) -> None:
        self.ax: Axes = figure.add_axes(box)
        self.scale = scale
        inches = figure.get_size_inches()
        self.width = float(box[2] * inches[0] * 72 / scale)
        self.height = float(box[3] * inches[1] * 72 / scale)
        self.ax.set(xlim=(0, self.width), ylim=(self.height, 0))
        self.ax.axis("off")
        self.y: float = 0.0

    @property
    def left(self) -> float:
        """Free height in points."""
        return self.height - self.y

    def skip(self, points: float) -> None:
        """Leave room."""
        self.y += points

    def write(self, text: str, size: float = 8.5, color: str = palette.INK, *, strong: bool = False) -> None:
        """Write text over the full width, wrapped."""
        for line in wrap(text, self.width, size):
            self._put(line, 0, size, color, strong=strong)
            self.y += size * LINE_SPACING

    def both(self, text: Text, lang: Lang, size: float = 9.0) -> None:
        """Write text in the reader's language, and under it smaller in the other."""
        first, second = (text.zh, text.en) if lang == "zh" else (text.en, text.zh)
        self.write(first, size)
        if second != first:
            self.write(second, size - 1.5, palette.FAINT_INK)

    def both_height(self, text: Text, lang: Lang, size: float = 9.0) -> float:
        """Height in points that `both` takes for this text."""
        first, second = (text.zh, text.en) if lang == "zh" else (text.en, text.zh)
        height = len(wrap(first, self.width, size)) * size
        if second != first:
            height += len(wrap(second, self.width, size - 1.5)) * (size - 1.5)
        return height * LINE_SPACING

    def text_height(self, text: str, size: float) -> float:
        """Height in points that `write` takes for this text."""
        return len(wrap(text, self.width, size)) * size * LINE_SPACING

    def pair(self, name: str, value: str, size: float = 8.0, color: str = palette.INK) -> None:
        """Write a name at the left and a value at the right of one line; the name is wrapped before the value."""
        room = self.width - text_width(value, size) - 8
        lines = wrap(name, room, size)
        self._put(value, self.width, size, color, ha="right")
        for line in lines:
            self._put(line, 0, size, palette.FAINT_INK if color == palette.INK else color)
            self.y += size * LINE_SPACING

    def named(self, name: Text, value: str, lang: Lang) -> None:
        """Write a pair, its name in both languages where one line holds them, else in the reader's."""
        both = style.label(name, lang, " ")
        room = self.width - text_width(value, 8.0) - 8
        self.pair(both if text_width(both, 8.0) <= room else name.get(lang), value)

    def row(self, name: str, value: str) -> None:
        """Write a pair of a list on one line; a long name is cut."""
        room, size = self.width - text_width(value, 8.0) - 8, 8.0
        while text_width(name, size) > room:
            name = name.rstrip("…")[:-1].rstrip() + "…"
        self.pair(name, value, size)

    heading_height = 7 + 6 + 8.5 * LINE_SPACING + 1.5
    """Height in points of a heading of one line."""
    legend_row_height = 13.5

    def heading(self, text: str) -> None:
        """Write a small heading under a thin line."""
        self.skip(7)
        self.ax.add_patch(Rectangle((0, self.y), self.width, 0.6, facecolor=palette.LINE, edgecolor="none"))
        self.skip(6)
        self.write(text, 8.5, strong=True)
        self.skip(1.5)

    def bar(self, parts: Sequence[tuple[float, str]], target: float | None = None) -> None:
        """Draw shares of a whole as one bar, with a mark at the target."""
        height, x = 9.0, 0.0
        self.ax.add_patch(Rectangle((0, self.y), self.width, height, facecolor="#eceae4", edgecolor="none"))
        for share, colour in parts:
            self.ax.add_patch(Rectangle((x, self.y), share * self.width, height, facecolor=colour, edgecolor="none"))
            x += share * self.width
        if target is not None:
            self.ax.add_patch(
                Rectangle(
                    (target * self.width - 0.8, self.y - 3), 1.6, height + 6, facecolor=palette.INK, edgecolor="none"
                )
            )
        self.y += height + 6

    def badge(self, text: str, colours: tuple[str, str]) -> None:
        """Write text on a coloured plate."""
        fill, ink = colours
        size = 8.0
        lines = wrap(text, self.width - 12, size)
        height = len(lines) * size * LINE_SPACING + 6
        plate = FancyBboxPatch(
            (0, self.y), self.width, height, boxstyle="round,pad=0,rounding_size=3", facecolor=fill, edgecolor="none"
        )
        self.ax.add_patch(plate)
        self.y += 4.2
        for line in lines:
            self._put(line, 6, size, ink)
            self.y += size * LINE_SPACING
        self.y += 6

    def legend(self, rows: Sequence[LegendRow]) -> None:
        """Draw legend rows."""
        for handle, text in rows:
            self._handle(handle, self.y + 4.6)
            self._put(text, 22, min(8.0, 8.0 * (self.width - 22) / text_width(text, 8.0)), palette.INK)
            self.y += self.legend_row_height

    def _handle(self, handle: Line2D | Patch, y: float) -> None:
        if isinstance(handle, Patch):
            swatch = Rectangle((1, y - 4), 14, 8)
            swatch.update_from(handle)
            self.ax.add_patch(swatch)
            return
        mark = Line2D([8], [y])
        mark.update_from(handle)
        mark.set_markersize(mark.get_markersize() * self.scale)
        # A mark stands at one point; what has none is a line across the place of a swatch.
        x = [1, 15] if handle.get_marker() in ("", "None", None) else [8]
        mark.set_data(x, [y] * len(x))
        self.ax.add_line(mark)

    def _put(self, text: str, x: float, size: float, color: str, *, ha: str = "left", strong: bool = False) -> None:
        effects = style.strong(color, 0.035 * size * self.scale) if strong else None
        self.ax.text(
            x, self.y, style.clean(text), fontsize=size * self.scale, color=color, ha=ha, va="top", path_effects=effects
        )


def text_width(text: str, size: float) -> float:
    """Width in points, near enough to wrap by: wide characters take a full em."""
    return sum(1.0 if ord(c) > LAST_NARROW else 0.68 if c.isupper() or c in "mwMW%→" else 0.58 for c in text) * size


def wrap(text: str, width: float, size: float) -> list[str]:
    """Break text into lines of at most ``width`` points: at spaces, or between Chinese characters."""
    lines, line = [], ""
    for token in _tokens(text, width, size):
        longer = text_width((line + token).rstrip(), size)
        # A line never begins with closing punctuation, unless there is more of it than may hang over the edge.
        if line and longer > width and (token not in CLOSING or longer > width + HANGING * size):
            body = line.rstrip()
            kept = body.rstrip("".join(OPENING))  # a bracket never opens at the end of a line
            lines.append((kept or body).rstrip())
            line = (body[len(kept) :] if kept else "") + token.lstrip()
        else:
            line += token
    return [*lines, line.rstrip()] if line.strip() else lines or [""]


def _tokens(text: str, width: float, size: float) -> list[str]:
    """Cut text into pieces that stay on one line: words and the space after, numbers, single Chinese characters."""
    tokens: list[str] = []
    for c in text:
        before = tokens[-1] if tokens else " "
        in_number = c in ",." and before[-1].isdecimal()
        narrow = ord(c) <= LAST_NARROW and ord(before[-1]) <= LAST_NARROW and (c not in CLOSING or in_number)
        if tokens and narrow and before[-1] != " " and before not in CLOSING and text_width(before + c, size) <= width:
            tokens[-1] += c
        else:
            tokens.append(c)
    return tokens
