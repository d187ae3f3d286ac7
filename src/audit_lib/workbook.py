"""The run's findings as a workbook: one sheet a finding, with all its items; equal runs give equal bytes."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from audit_lib import results, words

MOST_SHEETS = 50
MOST_ROWS = 100_000
CELL = 32_000  # characters that a cell holds, with some slack
CREATED = datetime(2020, 1, 1)  # a workbook carries its date; a moving one would change the bytes


def write_xlsx(folder: Path) -> Path:
    """Writes `findings.xlsx` into a run's folder: sheet `results`, sheet `files`, and one sheet for each of the first 50 findings.

    Text that looks like a formula stays text. Moments are ISO texts in UTC.
    """
    audit = results.open_folder(Path(folder), "dpf_evidence")
    path = Path(folder) / "findings.xlsx"
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": f"Findings {audit.run['period']}/{audit.run['run']}", "created": CREATED})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
        _write(book.add_worksheet("results"), bold, *_results(audit))
        _write(book.add_worksheet("findings"), bold, *_findings(audit))
        loads = results.rows_of(Path(folder) / "loads.csv")
        _write(
            book.add_worksheet("files"),
            bold,
            list(loads[0]) if loads else ["file_name"],
            [list(row.values()) for row in loads],
        )
        for finding in audit.findings[:MOST_SHEETS]:
            _write(book.add_worksheet(finding["label"]), bold, *_items(audit, finding))
    return path


def _results(audit: results.Audit) -> tuple[list[str], list[list[Any]]]:
    names = ["control", "severity", "status", "population", *results.OUTCOMES, "title", "why", "limits"]
    rows = [
        [
            c["id"],
            c["severity"],
            c["status"],
            c["population"],
            *(c["counts"][name] for name in results.OUTCOMES),
            c["title"],
            results.why(c),
            c["limits"],
        ]
        for c in audit.controls
    ]
    return names, rows


def _findings(audit: results.Audit) -> tuple[list[str], list[list[Any]]]:
    keys = [
        "label",
        "finding_id",
        "control_id",
        "outcome",
        "severity",
        "reason",
        "title",
        "cause",
        "items",
        "subjects",
        "first_at",
        "last_at",
        "detail",
    ]
    return keys, [[finding.get(key) for key in keys] for finding in audit.findings]


def _items(audit: results.Audit, finding: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    items = results.items_of(audit, finding, MOST_ROWS)
    facts = list(dict.fromkeys(key for item in items[:1000] for key in item["facts"]))
    names = [
        "item",
        "item_at",
        "subject",
        "outcome",
        "effective_outcome",
        "waiver_id",
        "reason",
        "detail",
        "cause",
        *facts,
        "lines",
    ]
    rows = [
        [
            *(item[name] for name in names[:9]),
            *(item["facts"].get(key) for key in facts),
            ", ".join(item["lines"] or ()),
        ]
        for item in items
    ]
    return names, rows


def _write(sheet: Any, bold: Any, names: list[str], rows: list[list[Any]]) -> None:
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(names):
        longest = max([len(name), *(len(str(row[place])) for row in rows[:200] if row[place] is not None)])
        sheet.set_column(place, place, min(longest + 2, 60))
    sheet.write_row(0, 0, names, bold)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            _cell(sheet, number, place, value)


def _cell(sheet: Any, row: int, place: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value)
    elif isinstance(value, datetime):
        sheet.write_string(row, place, (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%dT%H:%M:%SZ"))
    elif isinstance(value, date):
        sheet.write_string(row, place, value.isoformat())
    else:
        text = str(value)
        sheet.write_string(row, place, text if len(text) <= CELL else text[:CELL] + f"… ({words.number(len(text))} characters)")
