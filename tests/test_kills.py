"""A load that is killed, or meets a full disk or a folder it may not write, leaves the store as it was.

Eight loads are killed. `KILLS=200 pytest tests/test_kills.py` kills two hundred; the seed of a kill is its number, in the test's id.
"""

import contextlib
import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from audit_lib import store

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
KILLS = int(os.environ.get("KILLS", "8"))
COMMAND = [sys.executable, "-m", "audit_lib.cli", "load", "--project"]
WEB = '203.0.113.{0} - - [01/Jul/2026:{1:02}:{2:02}:{3:02} +0000] "GET /{4} HTTP/1.1" 200 5 "-" "agent"\n'
SIGN_IN = '{{"id":"si-{0}","time":"2026-07-01T00:00:00Z","action":"sign_in","result":"success","user":"u{0}","ip":"203.0.113.9"}}\n'
ACCOUNTS = "account_id,status,status_cause,valid_from_at,valid_to_at,kind,created_via,created_at\n"
CLOCK = {"main.loads": "exclude (loaded_at, last_found_at)"}  # when it was loaded is all that may differ


@dataclass(frozen=True)
class Loaded:
    """A project that was loaded undisturbed: its folder, what its store holds, its files, and how many seconds it took."""

    folder: Path
    content: dict[str, list[tuple]]
    files: set[str]
    seconds: float


def write_project(folder: Path) -> None:
    """Some logs in two formats, packed and not, and a table."""
    (folder / "inputs").mkdir(parents=True)
    (folder / "audit.toml").write_text('[company]\nname = "X"\n[[inputs]]\nfiles = "inputs/accounts.csv"\nextracted_at = 2026-10-05T06:00:00Z\n')
    for number in range(6):
        (folder / "inputs" / f"access.log.{number}").write_text(web_lines(number, 700))
    (folder / "inputs" / "sign_in-2026-07.jsonl").write_text("".join(SIGN_IN.format(number) for number in range(700)))
    (folder / "inputs" / "accounts.csv").write_text(ACCOUNTS + "".join(f"a{number},active,,2026-01-01,,customer,web,2026-01-01\n" for number in range(100)))


def web_lines(seed: int, count: int) -> str:
    chance = Random(seed)
    return "".join(WEB.format(chance.randrange(250), seed, number // 60 % 60, number % 60, number) for number in range(count))


def grow(folder: Path) -> None:
    """One log has grown, one was rotated, one is new."""
    with (folder / "inputs" / "access.log.0").open("a") as file:
        file.write(web_lines(10, 500))
    (folder / "inputs" / "access.log.5").rename(folder / "inputs" / "access.log.6")
    (folder / "inputs" / "access.log.5").write_text(web_lines(11, 500))


def dump(folder: Path) -> dict[str, list[tuple]]:
    """All that a store holds, in a fixed order, but for the readings of the clock."""
    connection = store.open_store(folder / "store.duckdb")
    try:
        tables = connection.execute("select schema_name || '.' || table_name from duckdb_tables() where not internal order by 1").fetchall()
        return {table: connection.execute(f"select columns(* {CLOCK.get(table, '')})::varchar from {table} order by all").fetchall() for (table,) in tables}
    finally:
        connection.close()


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def load(folder: Path, **options) -> subprocess.CompletedProcess:
    return subprocess.run([*COMMAND, str(folder)], capture_output=True, text=True, timeout=300, **options)


def load_whole(folder: Path) -> Loaded:
    start = time.monotonic()
    done = load(folder)
    assert (done.returncode, done.stderr) == (0, "")
    return Loaded(folder, dump(folder), files_of(folder), time.monotonic() - start)


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Loaded:
    """A project whose first load was not disturbed."""
    folder = tmp_path_factory.mktemp("first") / "company"
    write_project(folder)
    return load_whole(folder)


@pytest.fixture(scope="module")
def second(tmp_path_factory, first) -> Loaded:
    """The same project, grown and loaded again."""
    folder = tmp_path_factory.mktemp("second") / "company"
    shutil.copytree(first.folder, folder)
    grow(folder)
    return load_whole(folder)


def kill_load(folder: Path, after: float) -> bool:
    """Starts a load and kills it after so many seconds; whether it was still running."""
    process = subprocess.Popen([*COMMAND, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_load_leaves_the_store_as_it_was(number, first, second, tmp_path):
    """Killed at a random moment, the store holds what it held, or all that is new; loaded again, it equals that of an undisturbed load."""
    is_second = number % 2 == 1
    whole, before = (second, first.content) if is_second else (first, None)
    after = whole.seconds * (number + Random(number).random()) / KILLS  # over the whole span
    while True:
        folder = tmp_path / f"company-{after:.4f}"
        if is_second:
            shutil.copytree(first.folder, folder)
            grow(folder)
        else:
            write_project(folder)
        if kill_load(folder, after):
            break
        after *= 0.9  # it had ended before
    held = dump(folder) if (folder / "store.duckdb").exists() else None
    assert held in (before, whole.content)
    done = load(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert dump(folder) == whole.content
    assert files_of(folder) == whole.files


# Full disk, folder that may not be written -----------------------------------------------------------------------


def check_refused(done: subprocess.CompletedProcess, folder: Path, before: bytes | None, word: str) -> None:
    """One clear line, exit code 2, the store as it was to the byte, nothing left over."""
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1 and word in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert done.stdout == ""
    path = folder / "store.duckdb"
    assert (path.read_bytes() if path.exists() else None) == before
    assert {name for name in files_of(folder) if name.startswith(("store.duckdb.", ".audit-tmp"))} == set()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_a_file_that_may_not_grow_stops_the_load_and_changes_nothing(share, first, second, tmp_path):
    """The system allows no file of more than a share of the new store's size, as a quota does; without the limit the next load succeeds."""
    most = int((second.folder / "store.duckdb").stat().st_size * share)
    folder = tmp_path / "company"
    shutil.copytree(first.folder, folder)
    grow(folder)
    before = (folder / "store.duckdb").read_bytes()
    done = load(folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
    check_refused(done, folder, before, "changed nothing")
    assert load_whole(folder).content == second.content


@contextlib.contextmanager
def small_disk(folder: Path, size: int):
    """A disk of so many bytes at a folder. Skips the test where this user may not mount one."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"may not mount a small disk: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("is_new", [True, False], ids=["first load", "second load"])
def test_a_full_disk_stops_the_load_and_changes_nothing(is_new, first, second, tmp_path):
    """No byte is left on the disk in the middle of a load; with room again the next load succeeds."""
    disk, whole = tmp_path / "disk", first if is_new else second
    with small_disk(disk, 64 << 20):
        folder = disk / "company"
        if is_new:
            write_project(folder)
        else:
            shutil.copytree(first.folder, folder)
            grow(folder)
        before = None if is_new else (folder / "store.duckdb").read_bytes()
        room = shutil.disk_usage(disk).free - (whole.folder / "store.duckdb").stat().st_size // 2
        (disk / "filler").write_bytes(bytes(room))
        check_refused(load(folder), folder, before, "changed nothing")
        (disk / "filler").unlink()
        assert load_whole(folder).content == whole.content


def obey_permissions() -> None:
    """Takes from a child of root the right to write what its mode forbids (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)."""
    if os.geteuid() == 0:
        for capability in (1, 2):
            ctypes.CDLL(None, use_errno=True).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP: exec gives it no more


@pytest.fixture
def locked(first, tmp_path):
    """A loaded project that has grown, in a folder that nobody may write."""
    folder = tmp_path / "company"
    shutil.copytree(first.folder, folder)
    grow(folder)
    folder.chmod(0o555)
    is_obeyed = subprocess.run([sys.executable, "-c", f"open({str(folder / 'x')!r}, 'w')"], preexec_fn=obey_permissions, capture_output=True).returncode
    if not is_obeyed:
        pytest.skip("this user may write any folder, and that right can't be taken from it")
    yield folder
    folder.chmod(0o755)


def test_a_folder_that_may_not_be_written_is_told_and_stays(locked, second):
    """The command says which folder it can't write; once it may, the next load succeeds."""
    before = (locked / "store.duckdb").read_bytes()
    done = load(locked, preexec_fn=obey_permissions)
    check_refused(done, locked, before, "Permission denied")
    assert str(locked) in done.stderr
    locked.chmod(0o755)
    assert load_whole(locked).content == second.content
