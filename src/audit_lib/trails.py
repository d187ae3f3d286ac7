"""One account's trail: every access to it in a period, by whom, on what basis, from which line."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audit_lib import __version__, audits, controls, identities, origins, results, seals
from audit_lib.audits import Audit
from audit_lib.errors import InputError
from audit_lib.project import Project, locate, read_project

BASIS = "ACC-01"  # the control that says on what basis an access of ours rests
NOTEBOOK = "access_trail"
OURS = ("staff", "subprocessor")
COLUMNS = (
    "event_time",
    "user_kind",
    "who",
    "event_provider",
    "event_action",
    "event_outcome",
    "session_id",
    "source_ip",
    "user_agent",
    "judged",
    "basis",
    "found_at",
)


@dataclass(frozen=True)
class Trail:
    """The accesses to one account, in order of time; texts are as the reader may see them, moments UTC.

    `ours`: those of staff and subprocessors that succeeded, each with what the control says of its basis; `attempts`: those that failed
    or whose success the log does not tell; `others`: customers, services and unknown callers, a row for each session or caller and day;
    `unnamed`: accesses of staff whose log names no account, by log; `unjudged`: why bases could not be tested; `gaps`: spans that no log
    covers.
    """

    account: str
    run: dict[str, Any]
    ours: tuple[dict, ...]
    attempts: tuple[dict, ...]
    others: tuple[dict, ...]
    unnamed: tuple[dict, ...]
    logs: tuple[dict, ...]
    unjudged: tuple[str, ...]
    gaps: tuple[str, ...]
    lines: tuple[dict, ...] = field(default=(), repr=False)
    events: tuple[dict, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        return (
            f"Trail of {self.account}, {self.run['period']}: {len(self.ours)} accesses of ours, {len(self.attempts)} attempts, {len(self.others)} other callers"
        )


def make(project: Project, account: str, period: str, as_of: datetime | None, *, full_identities: bool = False, memory: str = "2GiB") -> tuple[Path, str]:
    """Runs the notebook for one account into `reports/PERIOD/trails/`; returns its page and its first sentence.

    Beside the page lie the executed notebook and a CSV with every event. Sealed runs are not touched.
    Raises InputError where no event and no account of that id is on record.
    """
    from audit_lib import trail_report

    audit = audits.begin(project, period, as_of, full_identities=full_identities, memory=memory)
    trail = collect(audit, account, with_lines=False)
    audit.connection.close()
    return publish(audit, NOTEBOOK, "trails", trail, COLUMNS), trail_report.conclusion(trail)


def publish(audit: Audit, notebook: str, place: str, about: Any, columns: tuple[str, ...]) -> Path:
    """Executes a notebook about one account into `reports/PERIOD/PLACE/`, renders it, writes its `events` as CSV; returns the page.

    `about` has `account`, `run` and `events`.
    """
    import nbformat

    from audit_lib import notebooks, page

    account, project = about.account, audit.project
    name = account if re.fullmatch(r"\w[\w.@+-]{0,80}", account) else identities.name(audit.names.key, "acct", account)
    folder = project.reports / audit.period.name / place
    folder.mkdir(parents=True, exist_ok=True)
    executed, html = folder / f"{name}.ipynb", folder / f"{name}.html"
    given = {
        "account": account, "period": audit.period.name, "as_of": audit.as_of.isoformat(), "project": str(project.folder.resolve()),
        "identities": about.run["identities"],
    }  # fmt: skip
    notebooks.execute(notebooks.find_notebook(notebook), executed, given)
    book = nbformat.read(executed, as_version=4)
    for cell in book.cells:  # where this machine keeps the project is nobody's business
        cell.source = cell.source.replace(given["project"], "company")
    nbformat.write(book, executed)
    seals.write_whole(html, page.render_page(book, notebook, about.run))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | {columns[0]: f"{row[columns[0]]:%Y-%m-%dT%H:%M:%S.%f}Z"} for row in about.events)
    seals.write_whole(folder / f"{name}.csv", text.getvalue())
    return html


def open_trail(project: str | Path, account: str, period: str = "last-quarter", as_of: str = "", identities: str = "pseudonyms") -> Trail:
    """The trail of one account from a project's store; `as_of` ISO, empty: when the newest snapshot was drawn. Raises as `make`."""
    moment = datetime.fromisoformat(as_of) if as_of else None
    audit = audits.begin(read_project(locate(project)), period, moment, full_identities=identities == "full")
    return collect(audit, account)


def collect(audit: Audit, account: str, *, with_lines: bool = True) -> Trail:
    """The trail of an account by its id or its name in a report, named as it was asked for. Raises InputError where it is not known."""
    connection = audit.connection
    identity, names = identify(audit, account)
    known = connection.execute(
        "select (select count(*) from history.accounts where account_id = $1) + (select count(*) from access_events where account_id = $1)", [identity]
    ).fetchone()[0]
    if not known:
        raise InputError(f"{account}: no such account: it is in no event and not in the table accounts. Give an account_id or its name in a report")
    unjudged = _judge(audit, identity)
    connection.execute(
        """
        create or replace temp table trail_events as
        select event.*, access.person_id
        from access_events as event
        left join trail_access as access using (event_id)
        where event.event_time >= since() and event.event_time < until()
          and (event.account_id = $1
            or event.account_id is null and event.event_dataset <> 'staff'
              and event.session_id in (select session_id from access_events where account_id = $1 and session_id is not null and event_dataset <> 'staff'))
        """,
        [identity],
    )
    files = dict(connection.execute("select load_id, file_name from loads").fetchall())
    told = teller(names)
    events = []
    for row in results.answer(
        connection.execute(
            "select event.*, judged.outcome, judged.reason, judged.lines, coalesce(judged.grant_id, event.grant_id) as judged_grant_id, permit.basis, permit.case_id, permit.consent_id, "
            "permit.legal_request_id, permit.approved_by_person_id from trail_events as event left join trail_judged as judged on judged.item = event.event_id "
            "left join (select * from access_grants qualify count(*) over (partition by grant_id) = 1) as permit on permit.grant_id = coalesce(judged.grant_id, event.grant_id) "
            "order by event.event_time, event.event_sequence nulls last, event.event_id"
        )
    ):
        sources = row["lines"] or [row["origin"]]
        who = row["person_id"] or row["user_id"]
        events.append({key: told(value) for key, value in row.items() if key != "lines"} | {
            "event_time": row["event_time"].astimezone(UTC), "who": told(who) or "no name", "origins": sources, "found_at": "; ".join(origins.place(origin, files) for origin in sources),
            "judged": row["outcome"] or "", "basis": told(_basis(audit, row)),
        })  # fmt: skip
    ours = [row for row in events if row["user_kind"] in OURS]
    good = [row for row in ours if row["event_outcome"] == "success"]
    return Trail(
        account=account, run=facts(audit, "trail"), ours=tuple(good), attempts=tuple(row for row in ours if row["event_outcome"] != "success"),
        others=tuple(_callers([row for row in events if row["user_kind"] not in OURS])),
        unnamed=tuple(_unnamed(audit)), logs=tuple(_logs(audit)), unjudged=tuple(unjudged), gaps=tuple(controls.log_gaps(connection)),
        lines=tuple(raw_lines(audit, [origin for row in good for origin in row["origins"]], told)) if with_lines else (), events=tuple(events),
    )  # fmt: skip


def identify(audit: Audit, account: str) -> tuple[str, identities.Names]:
    """The id of an account given by id or by its name in a report, and the names with which a page tells of it."""
    names = audit.names
    identity = next((one for one, known in names.forward.items() if known == account), account)
    if identity == account and not names.full:  # the reader knows this id; all others stay replaced
        names = identities.Names(names.key, {one: known for one, known in names.forward.items() if one != account})
    return identity, names


def teller(names: identities.Names) -> Callable[[Any], Any]:
    """What puts names in place of ids in a text; any other value stays."""
    return lambda value: identities.replace(names, value) if isinstance(value, str) else value


def _judge(audit: Audit, identity: str) -> list[str]:
    """Makes `trail_access` and `trail_judged`, what the control says of this account's accesses; returns why it could say nothing."""
    connection, control = audit.connection, audit.controls[BASIS]
    standing = controls.standing(connection, control, audit.values)
    controls.define(connection, "select * from staff_accesses", audit.definitions, audit.made)
    connection.execute("create or replace temp table trail_access as select event_id, person_id from staff_accesses where account_id = ?", [identity])
    nothing = "" if standing.can_run else " and false"
    controls.define(connection, control.query.sql, audit.definitions, audit.made)
    connection.execute(
        f"create or replace temp table trail_judged as select item, outcome, reason, lines, facts->>'$.grant_id' as grant_id "
        f"from ({controls.items(control)}) where subject = ? and {controls.IN_PERIOD}{nothing}",
        [identity],
    )
    return standing.not_tested


def _basis(audit: Audit, row: dict[str, Any]) -> str:
    """On what an access of ours rests, in words; empty for those of others."""
    if row["user_kind"] not in OURS:
        return ""
    reasons = audit.controls[BASIS].reasons
    said = reasons[row["reason"]][0] if row["reason"] in reasons else "Not judged"
    if not row["judged_grant_id"]:
        return said
    papers = [("ticket or case", "case_id"), ("consent", "consent_id"), ("paper", "legal_request_id"), ("approved by", "approved_by_person_id")]
    behind = [f"{name} {row[key]}" for name, key in papers if row[key]]
    kind = f" ({row['basis'].replace('_', ' ')})" if row["basis"] else ""
    return f"{said}: grant {row['judged_grant_id']}{kind}" + (f", {', '.join(behind)}" if behind else "")


def _callers(events: list[dict]) -> list[dict]:
    """Accesses of others, one row for each session, else for each caller, address and day."""
    groups: dict[tuple, list[dict]] = {}
    for row in events:
        key = (row["session_id"],) if row["session_id"] else (row["user_kind"], row["who"], row["source_ip"], row["event_time"].date())
        groups.setdefault(key, []).append(row)
    told = []
    for rows in groups.values():
        done = Counter((row["event_action"], row["event_outcome"]) for row in rows)
        told.append({
            "first_at": rows[0]["event_time"], "last_at": rows[-1]["event_time"], "who": next((row["who"] for row in rows if row["who"] != "no name"), "no name"),
            "user_kind": rows[0]["user_kind"], "providers": sorted({row["event_provider"] for row in rows}), "source_ips": sorted({row["source_ip"] for row in rows if row["source_ip"]}),
            "actions": [{"action": action, "outcome": outcome, "count": count} for (action, outcome), count in sorted(done.items())],
            "events": len(rows), "failed": sum(row["event_outcome"] != "success" for row in rows), "found_at": rows[0]["found_at"],
        })  # fmt: skip
    return sorted(told, key=lambda row: (row["first_at"], row["who"]))


def _unnamed(audit: Audit) -> list[dict]:
    """Accesses of staff in the period whose log names no account, so that each may have touched any."""
    return results.answer(
        audit.connection.execute(
            "select event.event_provider, count(*) as accesses, count(distinct event.user_id) as logins from staff_accesses "
            "join access_events as event using (event_id) where staff_accesses.account_id is null and event.event_time >= since() and event.event_time < until() "
            "group by event.event_provider order by accesses desc, event.event_provider"
        )
    )


def _logs(audit: Audit) -> list[dict]:
    """The logs searched, with how many events of the period each has, and how many of them name an account."""
    return results.answer(
        audit.connection.execute(
            "select event_provider, count(*) as events, count(account_id) as named from access_events where event_time >= since() and event_time < until() "
            "group by event_provider order by event_provider"
        )
    )


def raw_lines(audit: Audit, wanted: list[str], told: Callable[[Any], Any], most: int = 60) -> list[dict]:
    """The raw lines behind origins, the first of them, each once."""
    return [
        {"origin": row[0], "table_name": row[1], "file_name": row[2], "sha256": row[3], "number": row[4], "text": told(row[5])}
        for row in origins.raw_lines(audit.connection, audit.project, list(dict.fromkeys(wanted))[:most])
    ]


def facts(audit: Audit, kind: str) -> dict[str, Any]:
    """What a page about one account says of how it was made; nothing of it depends on the clock."""
    return {
        "run": kind, "period": audit.period.name, "since": audit.period.since.isoformat(), "until": min(audit.period.until, audit.as_of).isoformat(),
        "as_of": audit.as_of.isoformat(), "ended_at": audit.as_of.isoformat(), "company": audit.project.name, "suite_version": __version__,
        "identities": "full" if audit.names.full else "pseudonyms",
    }  # fmt: skip
