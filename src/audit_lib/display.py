"""From templates to what a notebook shows: filters, marked raw lines, coloured SQL."""

import functools
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import jinja2
from markupsafe import Markup, escape

from audit_lib import words
from audit_lib.results import OUTCOMES
from audit_lib.sql import shipped

TOKEN = re.compile(r"\b(?:staff|service|shared|customer|contact|login|email|ip|acct|sess|person|device|operator)-[a-z2-7]{10}\b")
SQL_WORD = re.compile(
    r"(?P<c>--[^\n]*|/\*.*?\*/)|(?P<s>'(?:[^']|'')*')|(?P<k>\b(?:select|from|where|with|as|and|or|not|in|is|null|case|when|then|else|end|join|left|right|"
    r"inner|full|cross|lateral|on|using|group by|order by|having|union all|union|distinct|exists|between|filter|over|partition by|asof|"
    r"qualify|limit|interval|values|semi|anti|unnest)\b)|(?P<v>\b\w+\(\))",
    re.S | re.I,
)


@dataclass(frozen=True)
class Shown:
    """Something a notebook displays: HTML, and the same in short as text for a terminal."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return f'<div class="audit">{self.html}</div>'

    def __repr__(self) -> str:
        return self.text


def show(template: str, text: str, **values: Any) -> Shown:
    """A template with its values."""
    return Shown(render(template, **values), text)


def render(template: str, **values: Any) -> str:
    """The HTML of a template; whatever is put in is escaped."""
    return _environment().get_template(template).render(**values)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    environment.filters |= {
        "n": lambda value: words.number(int(value) if isinstance(value, str) else value),
        "at": lambda value: words.long_day(value) + ("" if str(value)[11:16] in ("", "00:00") else f", {str(value)[11:16]}"),
        "span": words.span,
        "iso": lambda value: str(value).replace(" ", "T").replace("+00:00", "Z"),
        "hash": lambda value: f"{value[:4]} {value[4:8]}…{value[-4:]}",
        "short": shortened,
        "soft": softened,
        "quoted": words.quoted,
        "lowered": words.lowered,
        "sentence": words.sentence,
        "cell": cell,
    }
    environment.globals["outcomes"] = OUTCOMES
    return environment


def visible(value: Any) -> Any:
    """Text with characters that no reader sees, such as those that turn the direction of writing, as escapes.

    >>> visible("a\u202eb")
    'a\\\\u202eb'
    """
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join(sign if sign.isprintable() or sign in "\n\t\xa0\xad\u2009\u202f" else f"\\u{ord(sign):04x}" for sign in value)


def shortened(text: str, most: int = 40) -> str:
    """A long id with its middle left out."""
    return text if len(text) <= most else f"{text[: most - 9]}…{text[-8:]}"


def softened(text: str) -> Markup:
    """A name that may break after each underscore."""
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=_)", text))


def cell(value: Any) -> str:
    """A value of a table as a reader expects it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return words.number(value)
    if isinstance(value, datetime):
        return words.moment(value)
    if isinstance(value, date):
        return words.short_day(value, value.year if value.year > 2000 else None)
    if isinstance(value, list):
        return ", ".join(cell(part) for part in value)
    text = str(value)
    return words.moment(text) if words.MOMENT.fullmatch(text) else text


def marked_line(text: str, telling: list[str], *, most: int = 900, has_tokens: bool = True) -> Markup:
    """A raw line, cut into its fields so that it can wrap, pseudonyms in ‹ ›, the telling values marked.

    A line longer than `most` characters is cut, and says so.
    """
    cut = visible(text[:most])
    parts = re.split(r'(?<=,)(?=["{\[\w])|(?<=\s)(?=\S)', cut)
    found = sorted({word for word in telling if len(word) > 2 and word in cut}, key=len, reverse=True)
    pattern = re.compile("|".join(f"({re.escape(word)})" for word in found)) if found else None
    html = Markup("<wbr>").join(
        (Markup('<span class="nb">{}</span>') if len(part) < 60 else Markup("{}")).format(_fields(part, pattern, has_tokens)) for part in parts if part
    )
    if len(text) > most:
        html += Markup(' <span class="ln">… cut here; the line has {} characters</span>').format(words.number(len(text)))
    return html


def _fields(part: str, pattern: re.Pattern | None, has_tokens: bool) -> Markup:
    html, place = Markup(), 0
    spans = [(found.start(), found.end(), "mark") for found in pattern.finditer(part)] if pattern else []
    spans += [(found.start(), found.end(), "tok") for found in TOKEN.finditer(part) if has_tokens]
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start < place:
            continue
        html += escape(part[place:start])
        inner = escape(part[start:end])
        if has_tokens and TOKEN.fullmatch(part[start:end]):
            inner = Markup('<span class="tok">‹{}›</span>').format(inner)
        html += Markup("<mark>{}</mark>").format(inner) if kind == "mark" else inner
        place = end
    return html + escape(part[place:])


def coloured_sql(text: str) -> Markup:
    """SQL with its comments, texts, words and parameters told apart."""
    html, place = Markup(), 0
    for found in SQL_WORD.finditer(text):
        html += escape(text[place : found.start()])
        html += Markup('<span class="{}">{}</span>').format(found.lastgroup, found[0])
        place = found.end()
    return html + escape(text[place:])
