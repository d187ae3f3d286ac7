"""A sheet to draw on: marks in pixels become an Altair chart, and that an SVG that needs nothing from outside."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup, escape

from audit_lib import words
from audit_lib.display import Shown, render

INK, INK2, INK3, RULE, HAIR = "#1b1f24", "#4a5159", "#666e77", "#c9ced4", "#e7e9ec"
RED, OCHRE, VIOLET, BLUE, MASS, LIGHT, PALE = (
    "#a8201a",
    "#8a5b00",
    "#5d4a8c",
    "#2a5b8c",
    "#8496a8",
    "#b4bfca",
    "#d7dde3",
)
COLOURS = {"exception": RED, "unknown": OCHRE, "manual": VIOLET, "deferred": BLUE, "waived": MASS, "pass": MASS}
RAMP = ("#eef0f3", "#e0e4e9", "#cfd6dd", "#bac4ce", "#a2afbc", "#8898a8", "#6d8297")
WIDE, NARROW = 800, 350
SAME = re.compile(r'<path d="([^"]*)"((?: [a-z-]+="[^"]*")*)/>(?:<path d="([^"]*)"\2/>)+')


@dataclass
class Sheet:
    """Marks collected for one drawing of a given width; `is_narrow` asks for shorter words."""

    width: int
    height: int = 0
    marks: dict[tuple, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def is_narrow(self) -> bool:
        """Whether this is the drawing for a telephone."""
        return self.width < 500

    def _add(self, key: tuple, **mark: Any) -> None:
        self.marks.setdefault(key, []).append(mark)
        self.height = max(self.height, int(max(mark["y"], mark.get("y2", 0))) + (8 if key[0] == "text" else 2))

    def rect(self, x: float, y: float, width: float, height: float, colour: str, stroke: str = "") -> None:
        """A filled rectangle from its top left corner; with `stroke` only its outline."""
        self._add(("rect", stroke), x=x, y=y, x2=x + width, y2=y + height, colour=stroke or colour)

    def line(self, x: float, y: float, x2: float, y2: float, colour: str = RULE, size: float = 1, dash: tuple = ()) -> None:
        """A straight line; `dash` as lengths of line and gap."""
        self._add(("rule", size, dash), x=x, y=y, x2=x2, y2=y2, colour=colour)

    def stack(self, x: float, y: float, count: int, pitch: float, colour: str, size: float = 3) -> None:
        """A column of `count` dots upwards from `y`: one dashed line with round ends, so that it stays small."""
        self._add(("rule", size, (0, pitch)), x=x, y=y, x2=x, y2=y - (count - 1) * pitch - 0.01, colour=colour)

    def dot(self, x: float, y: float, colour: str, size: float = 7, is_open: bool = False) -> None:
        """A dot of a diameter, filled or open."""
        self._add(("point", size, is_open), x=x, y=y, colour=colour)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        colour: str = INK2,
        *,
        size: int = 12,
        align: str = "left",
        bold: bool = False,
    ) -> None:
        """Words whose middle line is at `y`."""
        self._add(("text", size, align, bold), x=x, y=y, text=text.replace("\xa0", " "), colour=colour)


def _chart(sheet: Sheet) -> Any:
    """The sheet as a layered Altair chart in pixels, the origin at its top left."""
    import altair as alt  # imported here: it takes most of a second

    def place(name: str, end: int) -> dict[str, Any]:
        axis = {"x": alt.X, "y": alt.Y}[name]
        return {name: axis(f"{name}:Q", axis=None, scale=alt.Scale(domain=[0, end], range=[0, end], nice=False, zero=False))}

    layers = []
    order = ("rect", "rule", "point", "text")  # words lie on top, areas below
    for key, marks in sorted(sheet.marks.items(), key=lambda entry: order.index(entry[0][0])):
        base = alt.Chart(alt.Data(values=marks)).encode(**place("x", sheet.width), **place("y", sheet.height))
        if key[0] == "rect":
            style = {"filled": False, "strokeWidth": 1.2} if key[1] else {}
            layers.append(base.mark_rect(**style).encode(x2="x2:Q", y2="y2:Q", color=alt.Color("colour:N", scale=None)))
        elif key[0] == "rule":
            dash = {"strokeDash": list(key[2])} if key[2] else {}
            cap = {"strokeCap": "round"} if key[2] and key[2][0] == 0 else {}
            layers.append(base.mark_rule(strokeWidth=key[1], **dash, **cap).encode(x2="x2:Q", y2="y2:Q", color=alt.Color("colour:N", scale=None)))
        elif key[0] == "point":
            style = {"filled": not key[2], "strokeWidth": 1.6 if key[2] else 0, "opacity": 1}
            layers.append(base.mark_point(shape="circle", size=key[1] ** 2 * 0.785, **style).encode(color=alt.Color("colour:N", scale=None)))
        else:
            style = {"fontSize": key[1], "align": key[2], "baseline": "middle", "fontWeight": 600 if key[3] else 400}
            layers.append(base.mark_text(**style).encode(text="text:N", color=alt.Color("colour:N", scale=None)))
    return (
        alt.layer(*layers)
        .properties(width=sheet.width, height=sheet.height, padding=0, autosize=alt.AutoSizeParams(type="none"))
        .configure(font="sans-serif", aria=False, background="#ffffff")
        .configure_view(stroke=None)
    )


def to_svg(sheet: Sheet, title: str, description: str) -> Markup:
    """The sheet as an SVG with title and description; equal neighbouring marks merged, fonts left to the page."""
    import vl_convert
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):  # the check of each part against the schema takes ten times as long as the drawing
        spec = _chart(sheet).to_dict()
    svg = vl_convert.vegalite_to_svg(spec)
    svg = re.sub(
        r' font-family="[^"]*"| aria-[a-z]+="[^"]*"| role="[^"]*"| class="[^"]*"| pointer-events="none"| xmlns:xlink="[^"]*"| version="1.1"',
        "",
        svg,
    )
    svg = re.sub(r"(\.\d)\d+", r"\1", svg)
    svg = SAME.sub(
        lambda found: f'<path d="{"".join(re.findall(chr(32) + "d=" + chr(34) + "([^" + chr(34) + "]*)", found[0]))}"{found[2]}/>',
        svg,
    )
    name = "g" + hashlib.sha256(f"{title}{sheet.width}".encode()).hexdigest()[:8]
    head = f'<svg role="img" aria-labelledby="{name}t {name}d" font-family="sans-serif"'
    told = f'<title id="{name}t">{escape(title)}</title><desc id="{name}d">{escape(description)}</desc>'
    return Markup(re.sub(r"^<svg([^>]*)>", lambda found: f"{head}{found[1]}>{told}", svg, count=1))


def figure(
    draw: Callable[[Sheet], None],
    *,
    title: str,
    note: str,
    source: str,
    description: str,
    names: list[str],
    rows: list[list[Any]],
    numeric: set[str] = frozenset(),
    file: str = "",
    most: int = 120,
) -> Shown:
    """A chart drawn at both widths, its title a sentence, with the rows behind it one step away."""
    drawn = []
    for width in (WIDE, NARROW):
        sheet = Sheet(width)
        draw(sheet)
        drawn.append(to_svg(sheet, title, description))
    html = render(
        "figure.html",
        title=title,
        note=note,
        source=source,
        wide=drawn[0],
        narrow=drawn[1],
        inner="",
        names=names,
        rows=rows[:most],
        numeric=numeric,
        more=max(len(rows) - most, 0),
        file=file,
    )
    return Shown(html, f"{title}. {description}")


def framed(title: str, note: str, source: str, inner: str) -> str:
    """What stands in the place of a chart, under a title and with a note as a chart has them."""
    return render(
        "figure.html", title=title, note=note, source=source, wide="", narrow="", inner=Markup(inner), names=[], rows=[], numeric=set(), more=0, file=""
    )


def no_figure(title: str, why: str, source: str) -> Shown:
    """What stands where a chart could not be drawn: that, and why."""
    return Shown(framed(title, why, source, '<p class="nothing">Nothing to draw</p>'), f"{title}. {why}")


def cell(text: Any, sub: str = "", kind: str = "", *, is_code: bool = False) -> dict[str, Any]:
    """One cell of a table: a value, small words below it, an outcome that colours it."""
    return {"text": text, "sub": sub, "kind": kind, "is_code": is_code}


def table(title: str, note: str, source: str, caption: str, names: list[str], rows: list[list[dict]], numeric: set[str], *, wide: set[str] = frozenset(), more: str = "", last_is_sum: bool = False) -> Shown:  # fmt: skip
    """A table in the place of a figure: its title a sentence, its caption what it is sorted by and what was cut."""
    marked = [{"cells": row, "is_sum": last_is_sum and place == len(rows) - 1} for place, row in enumerate(rows)]
    inner = render("figure_table.html", caption=caption, names=names, rows=marked, numeric=numeric, wide=wide, more=more)
    return Shown(framed(title, note, source, inner), title)


def step(value: float, largest: float, steps: int = len(RAMP)) -> str:
    """The colour of a value on up to seven steps from pale to dark, by its share of the largest; five bear words."""
    return RAMP[min(int(steps * value / largest), steps - 1)] if largest else RAMP[0]


def months(sheet: Sheet, first: date, last: date, origin: date, left: float, day_width: float, y: float) -> None:
    """Ticks at the first of each month and at both ends of the period; labels where they don't touch."""
    end = last + timedelta(days=1)
    starts = [first + timedelta(days=days) for days in range((end - first).days + 1)]
    edge, closing = -1e9, left + (end - origin).days * day_width
    for day in [day for day in starts if day.day == 1 or day in (first, end)]:
        x = left + (day - origin).days * day_width
        sheet.line(x, y, x, y + 5)
        is_end = day == end
        is_free = x > edge and (is_end or day == first or x < closing - 90)
        if is_free or is_end:
            sheet.text(min(x, sheet.width) if is_end else x, y + 14, words.short_day(day), align="right" if is_end else "left")
            edge = x + 52
