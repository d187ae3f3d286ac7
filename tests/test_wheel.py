"""The wheel works on its own: an empty environment, an empty folder, no checkout."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = {"queries": "queries", "notebooks": "notebooks", "reports/templates": "templates", "tests/sources": "samples"}
BUILD = "from setuptools import build_meta; print(build_meta.build_{}('dist'))"
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, codes: tuple[int, ...] = (0,), **environment: str) -> str:
    """What a command prints; fails with all of it where the exit code is another."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False)
    assert done.returncode in codes, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(kind: str, source: Path) -> Path:
    """Builds `kind` (wheel or sdist) from a folder; the build backend is the one in the lock."""
    (source / "dist").mkdir(exist_ok=True)
    return source / "dist" / run(sys.executable, "-c", BUILD.format(kind), cwd=source).splitlines()[-1]


def ignored(folder: str, names: list[str]) -> set[str]:
    """What a fresh clone does not have."""
    here = Path(folder)
    made = {"__pycache__", ".ipynb_checkpoints", "build", "dist", ".git", ".pytest_cache", ".ruff_cache", ".hypothesis"}
    at_top = {name for name in names if name.startswith(".venv") or (here / name / "audit.toml").is_file()} if here == ROOT else set()
    return {name for name in names if name in made or name.endswith(".egg-info")} | at_top


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from the sdist, built from a copy of the checkout: each step loses nothing."""
    folder = tmp_path_factory.mktemp("build")
    shutil.copytree(ROOT, folder / "checkout", ignore=ignored)
    sdist = build("sdist", folder / "checkout")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    [source] = (folder / "unpacked").iterdir()
    return build("wheel", source)


def test_the_wheel_carries_all_that_is_shipped(wheel):
    """Every query, notebook and template of the checkout is in the wheel, byte for byte, and nothing else is there."""
    wanted = {
        f"audit_lib/shipped/{inside}/{path.relative_to(ROOT / outside).as_posix()}": path.read_bytes()
        for outside, inside in SHIPPED.items()
        for path in (ROOT / outside).rglob("*")
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts) and not path.name.startswith(".")
    }
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        carried = {name: archive.read(name) for name in names if name.startswith("audit_lib/shipped/")}
    assert sorted(carried) == sorted(wanted)
    assert carried == wanted
    assert {"audit_lib/countries.mmdb", "audit_lib/COUNTRIES.md"} <= set(names)
    assert {name.split("/")[0] for name in names if not name.split("/")[0].endswith(".dist-info")} == {"audit_lib"}


def test_the_wheel_runs_a_whole_audit_away_from_the_checkout(wheel, tmp_path):
    """`audit sample x` and `audit run --project x` work from any folder, with the locked packages alone."""
    venv.create(tmp_path / "env", with_pip=True, symlinks=os.name != "nt")
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    install = (scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*install, "--require-hashes", "--requirement", ROOT / "locks" / "runtime.txt", cwd=tmp_path)
    run(*install, "--no-deps", wheel, cwd=tmp_path)

    (folder := tmp_path / "empty").mkdir()
    (home := tmp_path / "home").mkdir()
    audit = scripts / "audit"
    run(audit, "sample", "x", "--accounts", "60", "--events", "3000", cwd=folder, HOME=str(home))
    run(audit, "run", "--project", "x", cwd=folder, codes=(0, 1), HOME=str(home))
    [manifest] = (folder / "x" / "reports").glob("*/r*/manifest.json")
    assert {"unauthorized_access.html", "retention_compliance.html", "dpf_evidence.html"} <= {path.name for path in manifest.parent.iterdir()}
    run(audit, "verify", f"x/{manifest.parent.relative_to(folder / 'x')}", cwd=folder, HOME=str(home))
