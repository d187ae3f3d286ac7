"""The command line `audit`: the only place that prints, and that turns errors into exit codes."""

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from audit_lib import __version__, handwork, sql
from audit_lib.encodings import say, visible
from audit_lib.errors import AuditError
from audit_lib.period import FORMS, parse_moment

EPILOG = "Exit codes: 0 nothing to act on; 1 something needs a person; 2 the audit did not take place; 3 another run holds the project."


def sample(args: argparse.Namespace) -> int:
    """Write the sample company: all source files in their real formats, planted faults, answer key."""
    from audit_lib import sample_company

    sample_company.write(args.folder, seed=args.seed, accounts=args.accounts, events=args.events, faults=args.faults)
    print(f"{args.folder}: sample company with {args.accounts:,} accounts and {args.events:,} events (seed {args.seed}, faults {args.faults}).")
    print(f"Next: audit run --project {args.folder}")
    return 0


def init(args: argparse.Namespace) -> int:
    """Write a commented audit.toml, the data dictionary and an empty CSV for each table of the minimum useful set."""
    from audit_lib import catalogue

    for path in catalogue.write_project(args.folder):
        print(path)
    return 0


def load(args: argparse.Namespace) -> int:
    """Load the source files into the store; loading the same files again changes nothing. With --try, only tell what a file would give."""
    from audit_lib import store

    if args.files:
        return _try(args.files, args.project)
    from audit_lib.project import read_project

    project = read_project(args.project)
    with store.hold(project.folder):
        _load(project)
    return 0


def _try(paths: list[Path], project: Path) -> int:
    from audit_lib import trial

    lines, is_good = trial.try_files(paths, project)
    for line in lines:
        say(line)
    say(f"Nothing was loaded: {'without --try it would be' if is_good else 'not all of it could be'}.")
    return 0 if is_good else 2


def _load(project) -> None:
    from tqdm import tqdm

    from audit_lib import load as loading

    with tqdm(desc="loading", unit="B", unit_scale=True, disable=None, leave=False, dynamic_ncols=True, file=sys.stderr) as bar:  # None: quiet in a pipe

        def show(done: int, whole: int, where: str) -> None:
            bar.total, bar.n = whole, done
            bar.set_postfix_str(visible(where))

        summary = loading.load(project, progress=show)
    say(summary.table())
    for message in summary.messages:
        say(message)


def check(args: argparse.Namespace) -> int:
    """Run controls and print a table; without ids, seal the run's outcomes."""
    from audit_lib import audits, catalogue, evidence, store

    with store.hold(_project(args).folder):
        audit = _begin(args)
        audits.check(audit, args.ids, _progress("controls"))
        print(catalogue.results_table(audit))
        code, sentence = audits.verdict(audit)
        if not args.ids:
            print(f"Sealed: {evidence.seal(audit, 'check')}")
    print(sentence)
    return code


def report(args: argparse.Namespace) -> int:
    """Run the controls and the notebooks over the store as it is, and seal results and reports as a run."""
    from audit_lib import audits, evidence, store

    project = _project(args)
    with store.hold(project.folder):
        audit = _begin(args)
        audits.check(audit, None, _progress("controls"))
        final = evidence.seal(audit, "report", lambda folder: _reports(folder, project, args.notebooks))
    return _tell_reports(final)


def run(args: argparse.Namespace) -> int:
    """Load, check, report and pack for one period: the scheduled job. Where nothing changed, the last run stands."""
    from audit_lib import audits, catalogue, evidence, seals, store

    project = _project(args)
    with store.hold(project.folder):
        _load(project)
        audit = _begin(args)
        last = seals.latest_run(project.reports, audit.period.name)
        if last and _stands(last, evidence.basis(audit)):
            print(f"Nothing changed since {last.parent.name}/{last.name}: inputs, SQL, parameters and version are the same, so that run stands.")
            return _tell_reports(last)
        audits.check(audit, None, _progress("controls"))
        print(catalogue.results_table(audit))
        final = evidence.seal(audit, "run", lambda folder: _reports(folder, project, None))
    return _tell_reports(final)


def _stands(last: Path, basis: str) -> bool:
    from audit_lib import seals

    facts = json.loads((last / "run.json").read_text())
    return facts["basis_sha256"] == basis and facts["command"] == "run" and not seals.verify(last)


def _reports(folder: Path, project, notebooks: list[str] | None) -> None:
    from audit_lib import notebooks as books

    books.make_reports(folder, project, notebooks or None, _say("reports"))


def _tell_reports(final: Path) -> int:
    facts = json.loads((final / "run.json").read_text())
    print(facts["verdict"])
    for path in sorted(final.glob("*.html")):
        print(f"Report: {path}")
    print(f"Verify: audit verify {final}")
    return facts["exit_code"]


def controls(args: argparse.Namespace) -> int:
    """Print the catalogue of controls; with --docs, write the reference pages."""
    from audit_lib import catalogue

    folders = sql.roots(args.project / "queries")
    if args.docs:
        for path in catalogue.write_docs(args.docs, folders, build_parser()):
            print(path)
    else:
        print(catalogue.list_controls(folders))
    return 0


def show(args: argparse.Namespace) -> int:
    """Print one control with its promise, limits, parameters, reasons and SQL."""
    from audit_lib import catalogue

    print(catalogue.show_control(sql.roots(args.project / "queries"), args.id))
    return 0


def test(args: argparse.Namespace) -> int:
    """Run the cases beside the controls: what the author of a new control types."""
    from audit_lib import cases

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


def verify(args: argparse.Namespace) -> int:
    """Check a run's folder, offline: every hash, every sum, and the inputs where they are still there."""
    from audit_lib import seals

    told = seals.verify(args.folder)
    for line in told:
        print(line)
    print(
        f"{args.folder}: {len(told)} difference{'s' * (len(told) != 1)}"
        + ("" if told else f". manifest.json has SHA-256 {seals.sha256(args.folder / 'manifest.json')}")
    )
    return int(bool(told))


def resolve(args: argparse.Namespace) -> int:
    """Turn a name of a report back into the id behind it."""
    from audit_lib import identities, store
    from audit_lib.project import read_project

    project = read_project(args.project)
    names = identities.read_names(store.open_store(project.store), identities.read_key(project.folder))
    print(identities.resolve(names, args.name))
    return 0


def _project(args: argparse.Namespace):
    from audit_lib.project import read_project

    return read_project(args.project)


def _begin(args: argparse.Namespace):
    from audit_lib import audits

    as_of = parse_moment(args.as_of) if args.as_of else None
    return audits.begin(_project(args), args.period, as_of, full_identities=args.identities == "full", memory=args.memory)


def _progress(what: str) -> Callable[[int, int, str], None]:
    """A line that moves on a terminal, nothing in a pipe."""

    def show_step(done: int, whole: int, name: str) -> None:
        if sys.stderr.isatty():
            width = shutil.get_terminal_size().columns
            print(f"\r{visible(f'{what} {done}/{whole} {name}')[: width - 1]:<{width - 1}}", end="\r" if done < whole else "\n", file=sys.stderr, flush=True)

    return show_step


def _say(what: str) -> Callable[[str], None]:
    """The same for work whose steps aren't counted."""
    step = _progress(what)
    return lambda name: step(0, 1, name)


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, from which the docs of the commands are made."""
    parser = argparse.ArgumentParser(prog="audit", description="Proves, from data, that a company keeps the promises of its privacy policy.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"audit_lib {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(function: Callable, *, project: bool = True, audit: bool = False) -> argparse.ArgumentParser:
        summary = function.__doc__.strip()
        command = commands.add_parser(function.__name__, help=summary, description=summary, epilog=EPILOG)
        command.set_defaults(function=function)
        if project:
            command.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="project folder, where audit.toml is (default: here)")
        if audit:
            command.add_argument("--period", default="last-quarter", help=f"{FORMS} (default: last-quarter, seen from --as-of)")
            command.add_argument("--as-of", metavar="MOMENT", help="moment to look from, UTC (default: when the newest snapshot was drawn)")
            command.add_argument(
                "--identities", choices=("pseudonyms", "full"), default="pseudonyms", help="full: no pseudonyms, for readers who are entitled to it"
            )
            command.add_argument("--memory", default="2GiB", help="most memory for DuckDB (default: 2GiB)")
        return command

    command = add(sample, project=False)
    command.add_argument("folder", type=Path, metavar="DIR", help="new folder for the company")
    command.add_argument("--seed", type=int, default=1, help="another seed, another company (default: 1)")
    command.add_argument("--accounts", type=int, default=2000, help="number of customer accounts (default: 2000)")
    command.add_argument("--events", type=int, default=200_000, help="number of access events, about (default: 200000)")
    command.add_argument("--faults", choices=("planted", "none"), default="planted", help="none: a company with nothing to find")
    add(init, project=False).add_argument("folder", type=Path, metavar="DIR", help="new project folder")
    add(load).add_argument("--try", nargs="+", type=Path, metavar="FILE", dest="files", help="tell what these files would be taken for, and change nothing")
    add(check, audit=True).add_argument("ids", nargs="*", metavar="ID", help="controls to run (default: all, and the run is sealed)")
    add(report, audit=True).add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="such as unauthorized_access (default: all)")
    add(run, audit=True)
    add(controls).add_argument("--docs", type=Path, metavar="DIR", help="write the reference pages there instead")
    add(show).add_argument("id", metavar="ID", help="such as ACC-01")
    command = add(test)
    command.add_argument("ids", nargs="*", metavar="ID", help="controls to test (default: all)")
    command.add_argument("--queries", type=Path, metavar="DIR", help="folder with controls/, definitions/ and tables/ instead of the shipped one")
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    add(verify, project=False).add_argument("folder", type=Path, metavar="FOLDER", help="a run's folder, such as reports/2026-Q3/r1")
    add(resolve).add_argument("name", metavar="NAME", help="such as staff-k3f9a2q7mw")
    handwork.add_commands(add)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    args = build_parser().parse_args(argv)
    try:
        return args.function(args)
    except AuditError as fault:
        say(str(fault), sys.stderr)
        return fault.exit_code
    except OSError as fault:
        say(f"{fault.filename or 'system'}: {fault.strerror or fault}. Nothing was published", sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; nothing was published", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
