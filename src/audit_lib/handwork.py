"""The commands in which people take part: `review`, `draw`, `trail` and `lifeline`."""

import argparse
from collections.abc import Callable
from pathlib import Path

from audit_lib.encodings import say
from audit_lib.errors import InputError
from audit_lib.period import parse_moment

DISPOSITIONS = ("unauthorized", "authorized", "false_alarm", "fixed", "accepted")  # as in queries/tables/findings.sql


def _tell(lines: list[str]) -> None:
    for line in lines:
        say(line)


def review(args: argparse.Namespace) -> int:
    """List the findings that need a person; with a finding and --was, add what became of it to inputs/findings.csv."""
    from audit_lib import reviews, store
    from audit_lib.project import read_project

    project = read_project(args.project)
    folder = reviews.sealed_run(project, args.period)
    given = {name: getattr(args, name) for name in ("was", "by", "evidence", "note", "review", "case", "subject", "at") if getattr(args, name)}
    if args.finding is None:
        if given or args.again:
            raise InputError("review: names no finding. Give its number or id, as `audit review` lists them")
        code, lines = reviews.tell(project, folder)
        _tell(lines)
        return code
    if missing := [f"--{name}" for name in ("was", "evidence") if name not in given]:
        raise InputError(f"review: {args.finding}: give {' and '.join(missing)}")
    at = parse_moment(args.at) if args.at else None
    with store.hold(project.folder):
        row = reviews.decide(project, folder, args.finding, **{"by": None} | given | {"at": at}, again=args.again)
    _tell([f"inputs/findings.csv: {row['finding_id']} ({row['control_id']}, {row['reason']}): {row['disposition']}, by {row['closed_by_person_id']}."])
    _tell(["Next: audit run, which loads it. The outcome stays as it is; the decision stands beside it."])
    return 0


def draw(args: argparse.Namespace) -> int:
    """Draw a sample of a control's items for inspection by hand; with --results, tell what the inspection shows."""
    from audit_lib import audits, samples
    from audit_lib.project import read_project
    from audit_lib.sampling import share

    if (args.control is None) == (args.results is None):
        raise InputError("draw: give either a control, such as ACC-01, or --results FILE")
    if args.results:
        code, lines = samples.tell_results(args.results)
        _tell(lines)
        return code
    tolerable, risk = share(args.tolerable, "--tolerable"), share(args.risk, "--risk")
    if args.allowed < 0:
        raise InputError(f"--allowed: no number of deviations: {args.allowed}. Give 0 or more")
    as_of = parse_moment(args.as_of) if args.as_of else None
    audit = audits.begin(read_project(args.project), args.period, as_of, full_identities=args.identities == "full", memory=args.memory)
    path, plan = samples.draw(audit, args.control, tolerable=tolerable, risk=risk, allowed=args.allowed, seed=args.seed, outcome=args.outcome)
    _tell(samples.tell_plan(path, plan))
    return 0


def trail(args: argparse.Namespace) -> int:
    """Write every access to one account in the period: by whom, on what basis, from which line."""
    from audit_lib import trails
    from audit_lib.project import read_project

    as_of = parse_moment(args.as_of) if args.as_of else None
    project = read_project(args.project)
    page, said = trails.make(project, args.account, args.period, as_of, full_identities=args.identities == "full", memory=args.memory)
    _tell([said, f"Trail: {page}", f"Events: {page.with_suffix('.csv')}"])
    return 0


def lifeline(args: argparse.Namespace) -> int:
    """Write one account's life: every event with its line, what is due when in each store and copy, which copies remain."""
    from audit_lib import lives
    from audit_lib.project import read_project

    as_of = parse_moment(args.as_of) if args.as_of else None
    project = read_project(args.project)
    page, said = lives.make(project, args.account, args.period, as_of, full_identities=args.identities == "full", memory=args.memory)
    _tell([said, f"Lifeline: {page}", f"Events: {page.with_suffix('.csv')}"])
    return 0


def add_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds them to the command line."""
    command = add(review)
    command.add_argument("finding", nargs="?", metavar="FINDING", help="number or id of a finding, such as F-3 (default: list them)")
    command.add_argument("--period", help="period of the sealed run, such as 2026-Q3 (default: the latest that has one)")
    command.add_argument("--was", choices=DISPOSITIONS, help="what it was")
    command.add_argument("--by", metavar="PERSON", help="who says so: person_id, login or name of a report (default: reviewed_by of audit.toml)")
    command.add_argument("--evidence", metavar="WHERE", help="where the proof lies")
    command.add_argument("--note", metavar="TEXT", help="the reviewer's words")
    command.add_argument("--review", metavar="ID", help="review that it is part of (default: the one on record that covers the period)")
    command.add_argument("--case", metavar="ID", help="case that follows it up")
    command.add_argument("--subject", metavar="PERSON", help="whose act it is, where the items don't name one person")
    command.add_argument("--at", metavar="MOMENT", help="moment of the decision, UTC (default: now)")
    command.add_argument("--again", action="store_true", help="add another decision to a finding that has one; the earlier row stays")
    command = add(draw, audit=True)
    command.add_argument("control", nargs="?", metavar="CONTROL", help="control whose items are drawn, such as ACC-01")
    command.add_argument("--results", type=Path, metavar="FILE", help="a sample whose column result has been filled in")
    command.add_argument("--tolerable", default="5%", metavar="SHARE", help="rate of deviations that would still be borne (default: 5%%)")
    command.add_argument("--risk", default="5%", metavar="SHARE", help="risk of taking the rate for lower than it is: 1 less the confidence (default: 5%%)")
    command.add_argument("--allowed", type=int, default=0, metavar="N", help="deviations that the sample may show (default: 0)")
    command.add_argument("--seed", default="1", help="another seed, another sample (default: 1)")
    command.add_argument(
        "--outcome", choices=("pass", "exception", "deferred", "manual", "unknown"), help="draw from items of this outcome only (default: all)"
    )
    add(trail, audit=True).add_argument("account", metavar="ACCOUNT", help="account_id, or the account's name in a report")
    add(lifeline, audit=True).add_argument("account", metavar="ACCOUNT", help="account_id, or the account's name in a report")
