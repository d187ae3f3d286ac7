"""The command line `audit`: the only place that prints, and that turns errors into exit codes."""

import argparse
import json
import sys
from pathlib import Path

from audit_lib import cases, sql
from audit_lib.errors import AuditError


def test(args: argparse.Namespace) -> int:
    """Runs the cases beside the controls."""
    folders = [args.queries] if args.queries else sql.roots(args.project / "queries")
    tested = cases.test_controls(folders, args.ids)
    if args.json:
        print(json.dumps({"controls": [{"id": one.id, "cases": one.cases, "failed": one.failed, "errors": one.errors} for one in tested]}))
    else:
        for one in tested:
            print(f"{one.id}: {one.cases} cases, {len(one.failed)} failed, {len(one.errors)} errors")
            for line in [*one.failed, *one.errors]:
                print(f"  {line}")
    return int(any(one.failed or one.errors for one in tested))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="audit", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("test", help=test.__doc__)
    command.add_argument("ids", nargs="*")
    command.add_argument("--queries", type=Path)
    command.add_argument("--json", action="store_true")
    command.add_argument("--project", type=Path, default=Path())
    command.set_defaults(run=test)
    args = parser.parse_args(argv)
    try:
        return args.run(args)
    except AuditError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code


if __name__ == "__main__":
    sys.exit(main())
