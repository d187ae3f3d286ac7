"""An executed notebook as one page: sections from its headings, words beside what they speak of, code folded."""

import re
from typing import Any

import jinja2
import mistune
from markupsafe import Markup

from audit_lib import words
from audit_lib.sql import shipped

MARKERS = re.compile(r"<!--(side|lede)-->(.*?)<!--/\1-->", re.S)
HEADING = re.compile(r"^##\s+(?:(\d+[a-z]?)\s*[·.]?\s+)?(.+?)\s*$", re.M)
IDS = {
    str(number): name
    for number, name in enumerate(
        (
            "action",
            "scope",
            "results",
            "pictures",
            "findings",
            "open",
            "clean",
            "evidence",
            "change",
            "dpf",
            "parameters",
            "method",
            "sql",
            "verify",
            "sign",
        ),
        1,
    )
}
SHORT = {
    "What this report says, and what it does not": "What it says, and what not",
    "Is the evidence complete and sound?": "Evidence",
    "How firm are the verdicts?": "How firm?",
}
_markdown = mistune.create_markdown(escape=True, plugins=["table"])


def render_page(book: Any, name: str, run: dict[str, Any]) -> str:
    """The page of an executed notebook: heading and words from its Markdown, results from its outputs."""
    sections = _sections(book.cells)
    head = sections.pop(0)
    title = head["title"] or name.replace("_", " ").capitalize()
    templates = shipped("templates")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(templates), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["stamp"] = lambda value: f"{words.long_day(value)}, {value[11:16]} UTC" if value else "no date"
    asset = {
        key: Markup((templates / file).read_text(encoding="utf-8"))
        for key, file in (("style", "style.css"), ("print", "print.css"), ("symbols", "symbols.html"))
    }
    asset["print"] = Markup(str(asset["print"]).replace("FOOT", _css_text(f"{run['company']} · Privacy audit {run['period']} · {title}")))
    html = environment.get_template("page.html").render(
        title=title,
        run=run,
        head=head,
        sections=sections,
        skip="results" if any(section["id"] == "results" for section in sections) else sections[0]["id"] if sections else "",
        **asset,
    )
    places = set(re.findall(r'\bid="([^"]+)"', html))
    html = re.sub(r'<a href="#([^"]+)">(.*?)</a>', lambda link: link[0] if link[1] in places else link[2], html)  # named in a table only
    return re.sub(r"\n{2,}", "\n", html)


def _css_text(text: str) -> str:
    return re.sub(r"[^\w .,·&()-]", " ", text)


def _sections(cells: list[Any]) -> list[dict[str, Any]]:
    """The masthead, then a section for each `##` heading, with its words, results and code in order."""
    sections = [_section(None, "")]
    for cell in cells:
        if cell.cell_type == "markdown":
            _add_words(sections, cell.source)
        elif cell.cell_type == "code" and cell.source.strip():
            section = sections[-1]
            section["code"].append(cell.source.strip())
            for output in cell.outputs:
                _add_output(
                    section,
                    output.get("data", {}).get("text/html"),
                    output.get("data", {}).get("text/plain") or output.get("text"),
                )
    for section in sections:
        for key in ("words", "body", "side", "lede"):
            section[key] = Markup("".join(section[key]))
    return sections


def _section(number: str | None, title: str) -> dict[str, Any]:
    short = SHORT.get(title, title)
    identity = (IDS.get(number) if not title.endswith("?") or number == "8" else None) or re.sub(r"\W+", "-", title.lower()).strip("-") or "top"
    return {
        "number": number or "",
        "title": title,
        "short": short,
        "id": identity,
        "words": [],
        "body": [],
        "side": [],
        "lede": [],
        "code": [],
    }


def _add_words(sections: list[dict[str, Any]], source: str) -> None:
    if top := re.match(r"#\s+(.+?)\s*(?:\n|$)", source):
        sections[0]["title"] = top[1]
        sections[0]["words"].append(Markup('<div class="period">{}</div>').format(Markup(_markdown(source[top.end() :]))))
        return
    pieces = HEADING.split(source)
    if pieces[0].strip():
        section, html = sections[-1], Markup(_markdown(pieces[0]))
        # words after a result stand where they are read, below it
        section["body" if section["body"] else "words"].append(
            Markup('<div class="grid between"><div></div><div class="prose">{}</div></div>').format(html) if section["body"] else html
        )
    for place in range(1, len(pieces), 3):
        section = _section(pieces[place], pieces[place + 1])
        section["words"].append(Markup(_markdown(pieces[place + 2])))
        sections.append(section)


def _add_output(section: dict[str, Any], html: str | None, text: str | None) -> None:
    if html is None:
        if text:
            section["body"].append(Markup('<pre class="out">{}</pre>').format(text))
        return
    html = re.sub(r"<!--style-->.*?<!--/style-->", "", html, flags=re.S)  # the styles for JupyterLab; the page has its own
    html = re.sub(r'^<div class="audit">(.*)</div>$', r"\1", html, flags=re.S)
    for kind, part in MARKERS.findall(html):
        section[kind].append(Markup(part))
    section["body"].append(Markup(MARKERS.sub("", html).strip()))
