"""Bad input: one clear line, the right exit code, and nothing that was in the store is lost."""

import gzip
import subprocess
import sys

import duckdb
import pytest

from audit_lib import cli

GOOD = '{"id":"si-%d","time":"2026-08-13T10:00:%02dZ","seq":%d,"action":"sign_in","result":"success","user":"ada","account":"acme","session":"s%d","mfa":true,"ip":"%s","agent":"Mozilla/5.0"}'
ACCOUNTS = (
    "account_id,status,status_cause,valid_from_at,valid_to_at,kind,created_via,created_at\nacme,%s,,2026-01-01T00:00:00Z,,customer,web,2026-01-01T00:00:00Z\n"
)
PERIOD = ("--period", "2026-Q3", "--as-of", "2026-10-05")


def line(number, address="203.0.113.7"):
    return GOOD % (number, number % 60, number, number, address)


@pytest.fixture
def project(tmp_path):
    """A project with one sign-in log of three good lines, loaded."""
    folder = tmp_path / "project"
    (folder / "inputs/product").mkdir(parents=True)
    (folder / "audit.toml").write_text('[company]\nname = "Small Co"\n')
    (folder / "inputs/product/sign_in-2026-08.jsonl").write_text("\n".join(line(number) for number in range(3)) + "\n")
    assert cli.main(["load", "--project", str(folder)]) == 0
    return folder


def rows(folder, query):
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def add(folder, name, data):
    path = folder / "inputs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def load(folder, capsys):
    """Loads, and gives the exit code and what was said; what was there must still be there."""
    capsys.readouterr()
    code = cli.main(["load", "--project", str(folder)])
    said = capsys.readouterr()
    assert rows(folder, "select count(*) from access_events where event_id like '%si-0' or event_id like '%si-1' or event_id like '%si-2'") == [(3,)]
    assert rows(folder, "select file_name from loads where rows_read <> rows_loaded + rows_duplicate + rows_ignored + rows_quarantined") == []
    return code, said.out + said.err


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(10)[:60], "JSON"),
        (line(10).replace("ada", "a\x00da"), "NUL"),
        ('{"id":"x","pad":"' + "a" * 10_000_000 + '"}', "long"),
        (line(10).replace("2026-08-13T10:00:10Z", "2026-08-13T10:00:10"), "zone"),
        (line(10).replace("2026-08-13T10:00:10Z", "yesterday"), "yesterday"),
    ],
    ids=["cut in the middle", "NUL byte", "10 MB line", "time without zone", "no time"],
)
def test_a_bad_line_goes_to_quarantine(project, capsys, bad, reason):
    """A line that can't be read is kept aside with file, line number, text and reason; all others are loaded."""
    add(project, "product/sign_in-2026-09.jsonl", "\n".join([line(20), bad, line(21)]) + "\n")
    code, _ = load(project, capsys)
    assert code == 0
    [(number, text, why)] = rows(project, "select line, text, reason from quarantine")
    assert (number, reason.lower() in why.lower()) == (2, True), why
    assert text[:12] == bad[:12]
    assert rows(project, "select rows_read, rows_loaded, rows_quarantined from loads where file_name like '%09.jsonl'") == [(3, 2, 1)]


def test_a_date_in_2262_is_loaded(project, capsys):
    """A date beyond what nanoseconds can hold is a date; that it lies in the future is counted."""
    add(project, "product/sign_in-2026-09.jsonl", line(20).replace("2026-08-13", "2262-04-12") + "\n")
    assert load(project, capsys)[0] == 0
    assert rows(project, "select count(*) from access_events where event_time = timestamptz '2262-04-12 10:00:20Z'") == [(1,)]


def test_an_impossible_address_is_loaded_and_judged(project, capsys):
    """An address that can't be is kept as logged, named invalid, and an exception of LOG-02."""
    add(project, "product/sign_in-2026-09.jsonl", line(20, "999.1.1.1") + "\n")
    assert load(project, capsys)[0] == 0
    assert rows(project, "select address_form from addresses where address = '999.1.1.1'") == [("invalid",)]
    assert cli.main(["check", "LOG-02", "--project", str(project), *PERIOD]) == 1


def test_missing_columns_are_all_named(project, capsys):
    """A table without required columns is refused with one line that names all of them."""
    add(project, "tables/accounts.csv", "account_id,kind\nacme,customer\n")
    add(project, "tables/manifest.csv", "file_name,extracted_at\naccounts.csv,2026-10-01T06:00:00Z\n")
    code, said = load(project, capsys)
    assert code == 2
    assert all(name in said for name in ("accounts.csv", "status", "valid_from_at", "created_via", "created_at"))


def test_an_unknown_code_is_loaded_and_counted(project, capsys):
    """A code outside the list is loaded as it is and counted in `table_checks`."""
    add(project, "tables/accounts.csv", ACCOUNTS % "cancelled")
    add(project, "tables/manifest.csv", "file_name,extracted_at\naccounts.csv,2026-10-01T06:00:00Z\n")
    assert load(project, capsys)[0] == 0
    assert rows(project, "select status from history.accounts") == [("cancelled",)]
    assert rows(project, "select rows_broken from table_checks where rule = 'code' and column_name = 'status'") == [(1,)]


def test_a_table_without_its_moment_is_refused(project, capsys):
    """A snapshot that does not say when it was drawn is refused, with the way to say it."""
    add(project, "tables/accounts.csv", ACCOUNTS % "active")
    code, said = load(project, capsys)
    assert code == 2
    assert "accounts.csv" in said
    assert "extracted_at" in said


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tables/accounts.csv", bytes(range(256)) * 20),
        ("product/sign_in-2026-09.jsonl.gz", b"not gzip at all"),
        ("web/access-2026-09.log", "dear diary,\ntoday nothing happened\n"),
    ],
    ids=["binary as CSV", "text as gzip", "a diary as a log"],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(project, capsys, name, data):
    """A file that is not what its name says is refused by name, and nothing of that load is kept."""
    add(project, name, data)
    add(project, "tables/manifest.csv", "file_name,extracted_at\naccounts.csv,2026-10-01T06:00:00Z\n")
    before = rows(project, "select count(*) from loads")
    code, said = load(project, capsys)
    assert code == 2
    assert name.rsplit("/", 1)[1] in said
    assert rows(project, "select count(*) from loads") == before


def test_an_empty_file_is_a_file(project, capsys):
    """An empty file is counted with no records; what it holds is nothing, not an error."""
    add(project, "product/sign_in-2026-09.jsonl", "")
    assert load(project, capsys)[0] == 0
    assert rows(project, "select rows_read from loads where file_name like '%09.jsonl'") == [(0,)]


def test_a_compressed_file_is_read(project, capsys):
    """A gzip file is read like the text in it."""
    add(project, "product/sign_in-2026-09.jsonl.gz", gzip.compress((line(20) + "\n").encode()))
    assert load(project, capsys)[0] == 0
    assert rows(project, "select count(*) from access_events") == [(4,)]


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on file sizes can be set on POSIX only")
def test_a_full_disk_leaves_the_store_as_it_was(project):
    """Where the disk is full, the load ends with 2 and one line, and the store is as before."""
    add(project, "product/sign_in-2026-09.jsonl", "\n".join(line(number) for number in range(20, 5000)) + "\n")
    before = (project / "store.duckdb").read_bytes()

    def no_room():
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, len(before) // 2))

    done = subprocess.run(
        [sys.executable, "-m", "audit_lib.cli", "load", "--project", str(project)], preexec_fn=no_room, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "changed nothing" in done.stderr or "Nothing was published" in done.stderr
    assert (project / "store.duckdb").read_bytes() == before


def test_a_store_of_a_newer_version_is_refused(project, capsys):
    """A store made by a newer version is refused for reading and for loading, and left as it is."""
    with duckdb.connect(str(project / "store.duckdb")) as connection:
        connection.execute("update store_version set version = 99")
    add(project, "product/sign_in-2026-09.jsonl", line(20) + "\n")
    code, said = load(project, capsys)
    assert (code, "newer version" in said) == (2, True)
    assert cli.main(["check", "--project", str(project), *PERIOD]) == 2
    assert "newer version" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("toml", "words", "said"),
    [
        ("[parameters]\npurge_dais = 30\n", PERIOD, "unknown parameter: purge_dais"),
        ('[parameters]\npurge_days = "60"\n', PERIOD, "purge_days must be integer, not '60'"),
        ("[parametres]\npurge_days = 30\n", PERIOD, "unknown section: [parametres]"),
        ("[broken\n", PERIOD, "not valid TOML"),
        ("", ("--period", "2026-02-15/2026-01-01"), "ends before it starts"),
        ("", ("--period", "2031-Q1"), "after the moment looked from"),
        ("", ("--period", "2026-Q3", "--as-of", "soon"), "no day and no moment: 'soon'"),
    ],
)
def test_wrong_settings_are_refused(project, capsys, toml, words, said):
    """An unknown or mistyped parameter, section or period ends with 2 and a line that says what is allowed."""
    (project / "audit.toml").write_text('[company]\nname = "Small Co"\n' + toml)
    assert cli.main(["check", "--project", str(project), *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("words", [["verify", "nowhere"], ["show", "XYZ-99"], ["check", "XYZ-99"], ["load", "--project", "nowhere"]])
def test_what_is_not_there_is_named(project, capsys, monkeypatch, words):
    """A folder, control or project that is not there ends with 2 and its name."""
    monkeypatch.chdir(project)
    assert cli.main(words) == 2
    assert {"nowhere", "XYZ-99"} & set(capsys.readouterr().err.replace(":", " ").replace("/", " ").replace(".", " ").split())
