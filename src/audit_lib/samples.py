"""Drawing a control's items for inspection by hand, and reading what the inspection found."""

import csv
import hashlib
import io
import json
import math
import re
from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from audit_lib import controls, identities, origins, sampling, seals
from audit_lib.audits import Audit
from audit_lib.errors import InputError
from audit_lib.identities import Names

DRAWN = ("place", "item", "item_at", "subject", "outcome", "reason", "detail", "found_at", "origins")
ENTERED = ("result", "inspected_by", "inspected_on", "note")  # left empty for the inspector
RESULTS = {"ok": "as it should be", "deviation": "not as it should be", "not_testable": "could not be inspected, which counts as a deviation"}


def draw(
    audit: Audit, control_id: str, *, tolerable: Fraction, risk: Fraction, allowed: int = 0, seed: str = "1", outcome: str | None = None
) -> tuple[Path, dict]:
    """Writes a sample of a control's items of the period, with empty columns for the inspector, and its plan beside it.

    One row per item, by the SHA-256 of seed and item: the same seed and items give the same sample, and late items leave most of it
    as it was. Where the sample is there already, it stays, since results may have been entered. Returns the file and the plan.

    Raises InputError where the control can't run, or has no such item.
    """
    control = audit.controls.get(control_id)
    if control is None:
        raise InputError(f"no such control: {control_id}. There are: {', '.join(audit.controls)}")
    if not re.fullmatch(r"[\w.-]{1,40}", seed):
        raise InputError(f"--seed: {seed!r} is no seed. Take up to 40 letters, digits, dots, dashes")
    standing = controls.standing(audit.connection, control, audit.values)
    if not standing.can_run:
        raise InputError(f"{control_id}: has no items: {' '.join(standing.not_tested)}")
    controls.define(audit.connection, control.query.sql, audit.definitions, audit.made)
    period = "true" if control.repeats else controls.IN_PERIOD
    condition = period + (f" and outcome = '{outcome}'" if outcome else "")
    audit.connection.execute(f"create or replace temp table drawable as select * from ({controls.items(control)}) where {condition}")
    population = audit.connection.execute("select count(*) from drawable").fetchone()[0]
    if not population:
        raise InputError(f"{control_id}: has no {outcome + ' ' if outcome else ''}item in {audit.period.name}, so there is nothing to draw")
    size = sampling.size_for(population, tolerable, risk, allowed)
    cursor = audit.connection.execute(
        "select item, item_at, subject, outcome, reason, detail, lines from drawable "
        "qualify row_number() over (order by sha256(? || chr(10) || item), item) <= ? order by sha256(? || chr(10) || item), item",
        [seed, size, seed],
    )
    drawn = cursor.fetchall()
    files = dict(audit.connection.execute("select load_id, file_name from loads").fetchall())
    rows = [_row(audit.names, files, place, *row) for place, row in enumerate(drawn, start=1)]
    plan = {
        "control_id": control_id, "title": control.title, "period": audit.period.name, "as_of": audit.as_of.isoformat(), "seed": seed, "outcome": outcome,
        "population": population, "tolerable_rate": str(tolerable), "risk": str(risk), "deviations_allowed": allowed, "size": size,
        "identities": "full" if audit.names.full else "pseudonyms", "sql_sha256": seals.sha256(control.query.path),
        "limits_of_inputs": standing.not_tested, "items": [row[1] for row in rows],
    }  # fmt: skip
    folder = audit.project.reports / audit.period.name / "samples"
    path = folder / f"{control_id}-{seed}{'-' + outcome if outcome else ''}{'-full' if audit.names.full else ''}.csv"
    folder.mkdir(parents=True, exist_ok=True)
    _keep(path, rows, plan)
    return path, plan


def _row(
    names: Names,
    files: dict[str, str],
    place: int,
    item: str,
    item_at: datetime | None,
    subject: str | None,
    outcome: str,
    reason: str,
    detail: str,
    lines: list,
) -> list[Any]:
    found_at = [origins.place(origin, files) for origin in lines]
    moment = item_at and item_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = [place, item, moment, subject, outcome, reason, detail, "; ".join(found_at), "; ".join(lines)]
    return [identities.replace(names, one) if isinstance(one, str) else one for one in told]


def _keep(path: Path, rows: list[list], plan: dict) -> None:
    beside = path.with_suffix(".json")
    if path.exists():
        if not beside.is_file() or json.loads(beside.read_text(encoding="utf-8")) != json.loads(json.dumps(plan)):
            raise InputError(f"{path}: is there, drawn by another plan or from other inputs. Enter its results with --results, or draw with another --seed")
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[*DRAWN, *ENTERED], *([*row, *[""] * len(ENTERED)] for row in rows)])
    seals.write_json(beside, plan)
    seals.write_whole(path, text.getvalue())


def tell_plan(path: Path, plan: dict) -> list[str]:
    """What was drawn and why so many, as lines."""
    tolerable, risk = Fraction(plan["tolerable_rate"]), Fraction(plan["risk"])
    kind = f"{plan['outcome']} items" if plan["outcome"] else "items"
    lines = [
        f"{path}: {plan['size']:,} of {plan['population']:,} {kind} of {plan['control_id']} in {plan['period']}, seed {plan['seed']}.",
        f"So many are needed for a tolerable rate of {percent(tolerable)} at a risk of {percent(risk)}, with {plan['deviations_allowed']} deviations allowed (hypergeometric).",
        *plan["limits_of_inputs"],
        f"Enter in column result: {', '.join(RESULTS)}; then: audit draw --results {path}",
    ]
    return lines


def read_results(path: Path) -> tuple[dict, Counter]:
    """A sample's plan, and how many of its items have which result (`open`: none yet).

    Raises InputError where the file is no sample, holds other items than were drawn, or a result that is none.
    """
    try:
        plan = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        drawn = plan["items"]
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError, KeyError) as fault:
        raise InputError(f"{path}: is no sample with its plan beside it ({fault}). Name the .csv that `audit draw CONTROL` wrote") from None
    first = text.partition("\n")[0]
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)))  # spreadsheets change the delimiter
    missing = [name for name in ("item", "result") if not rows or name not in rows[0]]
    if missing:
        raise InputError(f"{path}: has no column {' and no column '.join(missing)}. It must keep the columns that `audit draw` wrote")
    given = Counter(row["item"] for row in rows)
    faults = [f"{path}: lacks the item {item!r}, which was drawn" for item in drawn if item not in given]
    faults += [f"{path}: has the item {item!r}, which was not drawn" for item in given if item not in drawn]
    faults += [f"{path}: has the item {item!r} {count} times" for item, count in given.items() if count > 1 and item in drawn]
    found = Counter()
    for number, row in enumerate(rows, start=2):
        result = (row["result"] or "").strip().lower() or "open"
        if result not in RESULTS and result != "open":
            faults.append(f"{path}: line {number}: no such result: {row['result']!r}. Allowed: {', '.join(RESULTS)}")
        found[result] += 1
    if faults:
        raise InputError("\n".join(faults))
    return plan, found


def tell_results(path: Path) -> tuple[int, list[str]]:
    """What the inspection shows: the bound that was achieved, against the tolerable rate. Exit code 1 where a person has to go on."""
    plan, found = read_results(path)
    population, size, risk = plan["population"], plan["size"], Fraction(plan["risk"])
    deviations = found["deviation"] + found["not_testable"]
    lines = [f"{plan['control_id']}, {plan['period']}: of {size:,} items drawn from {population:,}, " + ", ".join(f"{found[one]:,} {one}" for one in RESULTS)]
    lines[0] += f", {found['open']:,} open." if found["open"] else "."
    if found["open"]:
        lines.append("Until all are inspected, the open ones count as deviations.")
        deviations += found["open"]
    most, limit = sampling.bound(population, deviations, size, risk), math.ceil(Fraction(plan["tolerable_rate"]) * population)
    without_end = sampling.bound_without_end(deviations, size, float(risk))
    lines.append(
        f"With a confidence of {percent(1 - risk)}, at most {most:,} of the {population:,} items deviate ({percent(Fraction(most, population))}); "
        f"of a population without end, {percent(without_end)} (Clopper and Pearson)."
    )
    is_borne = most < limit
    lines.append(
        f"That {'supports' if is_borne else 'does not support'} a rate below the tolerable {percent(Fraction(plan['tolerable_rate']))}. "
        + (
            "Look at nature and cause of each deviation all the same."
            if is_borne and deviations
            else ""
            if is_borne
            else "Inspect more, or put the cause right."
        )
    )
    lines.append(f"SHA-256 of the results: {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return int(not is_borne or bool(deviations)), [line.strip() for line in lines]


def percent(value: Fraction | float) -> str:
    """A share as percent, to a hundredth, never rounded to nothing.

    >>> percent(Fraction(1, 20)), percent(0.0487029)
    ('5 %', '4.87 %')
    """
    told = f"{float(value) * 100:.2f}".rstrip("0").rstrip(".")
    return f"{told if told != '0' or not value else '< 0.01'} %"
