"""What is installed is pinned, and what is shipped is whole."""

import ast
import importlib.metadata
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import audit_lib
from audit_lib import cli

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted(path for path in (ROOT / "locks").glob("*.txt") if path.stem != "constraints")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(path: Path) -> dict[str, set[str]]:
    """Package name to the versions that a lock has for it, of which a marker picks one."""
    found: dict[str, set[str]] = {}
    for name, rest in re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, set()).add(rest)
    return found


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_locks_pin_each_package_by_hash_and_name_no_address(path):
    """Every line of a lock is a pinned package or a SHA-256; nothing says where to download from."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) > 1000
    odd = [line for line in lines if not re.fullmatch(r"([a-z0-9._-]+==\S+( ; [a-zA-Z_ '\"=<>!.*()0-9]+)? \\)|(    --hash=sha256:[0-9a-f]{64}( \\)?)", line)]
    assert odd == []


def test_locks_agree_with_each_other():
    """Tests and JupyterLab run on the very versions that make the reports."""
    runtime = pins(ROOT / "locks" / "runtime.txt")
    for extra in ("test", "lab"):
        other = pins(ROOT / "locks" / f"{extra}.txt")
        assert {name: other.get(name) for name in runtime} == runtime


def test_locks_hold_all_that_the_project_asks_for():
    """A dependency added to pyproject.toml without `make lock` is noticed here."""
    extras = PROJECT["optional-dependencies"]
    wanted = {
        "runtime": PROJECT["dependencies"] + extras["build"],
        "test": PROJECT["dependencies"] + extras["build"] + extras["test"],
        "lab": PROJECT["dependencies"] + extras["build"] + extras["lab"],
    }
    for lock, requirements in wanted.items():
        names = {re.match(r"[A-Za-z0-9_-]+", requirement)[0].lower().replace("_", "-") for requirement in requirements}
        assert names <= pins(ROOT / "locks" / f"{lock}.txt").keys(), f"{lock}: run `make lock`"


def test_every_import_is_a_declared_dependency():
    """The package imports nothing that it gets only because something else happens to need it."""
    declared = {re.match(r"[A-Za-z0-9_-]+", one)[0].lower().replace("_", "-") for one in PROJECT["dependencies"]}
    modules = importlib.metadata.packages_distributions()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            for top in {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"audit_lib"}:
                packages = {package.lower().replace("_", "-") for package in modules.get(top, [])}
                assert packages & declared, f"{path.name} imports {top}: add its package to pyproject.toml and run `make lock`"


def test_the_version_stands_in_one_place():
    """`audit_lib.__version__` is what the package is called."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", audit_lib.__version__)
    assert "version" in PROJECT["dynamic"]
    assert "version" not in PROJECT


def commands_in_readme() -> list[str]:
    """The indented lines of the README that are commands, without their comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [line.split("  # ")[0].strip() for line in re.findall(r"^    (\S.*)$", text, re.MULTILINE)]


def test_the_readme_tells_what_works():
    """Each make target, lock file and audit command that the README tells to run is there."""
    for command in commands_in_readme():
        words = shlex.split(command.replace("\\", "/"))
        program, rest = words[0].removeprefix(".venv/Scripts/"), words[1:]
        if program == "audit":
            cli.build_parser().parse_args(rest)
        elif program == "make" and shutil.which("make"):
            subprocess.run(["make", "--dry-run", *rest], cwd=ROOT, check=True, capture_output=True)
        assert program in ("audit", "make", "py", "python")
        assert all((ROOT / word).is_file() for word in rest if word.startswith("locks/"))


def test_the_way_without_make_takes_six_lines():
    """A Windows user types at most six lines to see the reports and to run the tests."""
    lines = [command for command in commands_in_readme() if command.startswith(("py ", ".venv"))]
    assert len(lines) <= 6
    assert [line.split()[1:3] for line in lines[-3:]] == [["sample", "company"], ["run", "--project"], ["-m", "pytest"]]


def test_ci_runs_what_the_readme_tells():
    """CI tests with `make test`, as a reader does."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"^\s*make (\w+)", script, re.MULTILINE) == ["test", "test"]
    assert "    make test" in (ROOT / "README.md").read_text(encoding="utf-8")
