"""What a reader is told exists, exists; and all that exists is told."""

import argparse
import re
from pathlib import Path

import pytest

from audit_lib import catalogue, cli, formats, load, sources, sql, store
from audit_lib.errors import ControlError
from audit_lib.project import read_project

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def docs(tmp_path_factory):
    """The reference pages, by name."""
    folder = tmp_path_factory.mktemp("docs")
    catalogue.write_docs(folder, sql.roots(), cli.build_parser())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.md")}


def commands():
    parser = cli.build_parser()
    return next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction)).choices


def test_every_command_and_option_is_documented(docs):
    """commands.md shows each command with each of its options, and the README names each command."""
    readme = README.read_text(encoding="utf-8")
    for name, command in commands().items():
        assert f"## audit {name}" in docs["commands.md"]
        assert f"audit {name}" in readme
        for action in command._actions:
            assert action.help, f"audit {name}: {action.dest} has no help"
            assert all(option in docs["commands.md"] for option in action.option_strings)


def test_the_readme_names_no_command_that_is_not_there():
    """Each `audit …` in the README is a command."""
    named = set(re.findall(r"`audit (\w+)", README.read_text(encoding="utf-8")))
    assert named <= commands().keys()


def test_every_control_parameter_and_reason_is_documented(docs):
    """controls.md shows each control with its limits, its parameters and its reason codes."""
    for control in sql.read_controls(sql.roots()).values():
        assert f"## {control.id} {control.title}" in docs["controls.md"]
        assert control.limits in docs["controls.md"]
        assert all(f"`{name}`" in docs["controls.md"] for name in [*control.parameters, *control.reasons, *control.columns])


def test_every_table_and_column_is_documented(docs):
    """tables.md shows each table, and each column with its meaning."""
    for table in store.read_tables(sql.roots()).values():
        assert f"## {table.name}" in docs["tables.md"]
        assert all(f"| `{one.name}`" in docs["tables.md"] and one.comment in docs["tables.md"] for one in table.columns)


FORMATS = sources.read_sources(sql.roots())


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_has_a_page_made_from_its_header(docs, name):
    """Where the log comes from, how to export it, its fields and ours by a worked example, its limits, and what proves it."""
    page, header = docs[f"formats/{name}.md"], sql.read_query(FORMATS[name].path).header
    for key in ("title", "origin", "export", "limits", "recognise"):
        assert header[key] in page
    assert f"Fills: `{FORMATS[name].table}`" in page
    assert f"`tests/sources/{name}.sample`" in page and "| our column | value | its field | meaning |" in page
    example = page.split("| our column |")[1].split("\n\n")[0]
    columns = re.findall(r"^\| `(\w+)` \|", example, re.M)
    table = store.read_tables(sql.roots())[FORMATS[name].table]
    assert len(columns) >= 3 and set(columns) <= {one.name for one in table.columns}


def test_a_value_taken_over_from_json_names_its_field(docs):
    """The worked example says which field of the log became which column."""
    assert re.search(r"^\| `user_id` \| `[^`]+` \| `actor\.alternateId` \|", docs["formats/okta_system_log.md"], re.M)
    assert re.search(r"^\| `event_time` \| `[^`]+` \| `published` \|", docs["formats/okta_system_log.md"], re.M)
    assert re.search(r"^\| `event_id` \| `[^`]+` \| `Id` \|", docs["formats/entra_sign_ins_csv.md"], re.M)


def test_the_index_has_every_format_once(docs):
    """formats.md lists each format below one heading, with a page that is there; logs stand apart from metadata."""
    index = docs["formats.md"].split("## Compared with others")[0]
    listed = re.findall(r"^\| \[(\w+)\]\((formats/\w+\.md)\) \|", index, re.M)
    assert sorted(name for name, _ in listed) == sorted(FORMATS)
    assert all(path in docs for _, path in listed)
    logs, metadata = index.split("## Metadata")
    assert all((f"[{name}]" in logs) == (one.table == "access_events") for name, one in FORMATS.items())
    assert "Other access logs" not in logs and "Other tables" not in metadata  # each has a group of its own
    assert sum(one.table == "access_events" for one in FORMATS.values()) >= 20


def test_each_known_difference_is_on_its_formats_page(docs):
    """What the tests allow (test_known_answers.py) is what the docs print, file, lines and reason; no page prints more."""
    answers, differences = formats.read_differences(sql.roots())
    assert {one.answers for one in differences} == answers.keys()
    for one in differences:
        page = docs[f"formats/{one.format}.md"]
        what = f"`{one.field}`" if one.field != "record" else formats.FATES[one.fate]
        assert f"| {one.file} | {one.lines} | {what} | {one.reason} |" in page
        assert one.reason.endswith(".") and len(one.reason) > 30
    printed = sum(page.split("## Known differences")[1].split("\n## ")[0].count("\n| ") for page in docs.values() if "## Known differences" in page)
    heads = sum(page.count("| file | lines | field | why |") for page in docs.values())
    assert printed - heads == len(differences)


def test_a_broken_list_of_differences_is_named(tmp_path):
    """A key that is none, or no TOML."""
    (tmp_path / "sources").mkdir()
    for text in ("[[difference]]\nnonsense = 1\n", "no toml"):
        (tmp_path / "sources/differences.toml").write_text(text)
        with pytest.raises(ControlError, match=r"differences\.toml"):
            formats.read_differences([tmp_path])


# What is one's own wins ------------------------------------------------------------------------------------------------


def project_with(folder: Path, log: str, files: dict[str, str]) -> Path:
    (folder / "inputs").mkdir(parents=True)
    (folder / "inputs/door-2026-07.log").write_text(log)
    (folder / "audit.toml").write_text('[company]\nname = "X"\n')
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_the_example_of_your_own_format_works(docs, tmp_path):
    """The log and the SQL of the page, put where the page says: two rows, one record ignored, one quarantined, with the page's reasons."""
    log, query = re.findall(r"```(?:sql)?\n(.*?)```", docs["your-own-format.md"], re.S)[:2]
    folder = project_with(tmp_path / "mine", log, {"queries/sources/door_log.sql": query})
    load.load(read_project(folder))
    connection = store.open_store(folder / "store.duckdb")
    totals = "format, rows_read, rows_loaded, rows_ignored, rows_quarantined"
    assert connection.execute(f"select {totals} from loads").fetchall() == [("door_log", 4, 2, 1, 1)]
    found = connection.execute("select event_provider, user_id, event_outcome from access_events order by line").fetchall()
    assert found == [("door", "anna.k", "success"), ("door", "ben.o", "failure")]
    assert connection.execute("select line, reason from quarantine").fetchall() == [(4, "has fewer than four fields")]
    assert connection.execute("select reason from ignored").fetchall() == [("a remark of the door system",)]
    connection.close()


def test_every_key_of_a_header_and_every_macro_of_the_page_is_there(docs):
    """The page names each header key that a format may have, and no macro that is none."""
    page = docs["your-own-format.md"]
    assert all(f"`{key}`" in page for key in sources.HEADER_KEYS)
    macros = re.findall(r"`(\w+)\(", page.split("| macro | gives |")[1])
    assert len(macros) > 5 and all(
        f"{name}(" in sources.MACROS or name in ("file_provider", "file_time_zone", "file_year", "file_extracted_at", "is_own_proxy", "own_proxies")
        for name in macros
    )


def test_a_format_of_ones_own_wins_over_the_shipped_one(tmp_path):
    """A file of the shipped format's name in PROJECT/queries/sources is read instead."""
    shipped = FORMATS["web_combined"].path.read_text()
    assert "'customer'" in shipped
    own = shipped.replace("'customer'", "'staff'")
    line = '198.51.100.7 - anna [01/Jul/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "agent"\n'
    for name, files, kind in (("as_shipped", {}, "customer"), ("own", {"queries/sources/web_combined.sql": own}, "staff")):
        folder = project_with(tmp_path / name, line, files)
        load.load(read_project(folder))
        connection = store.open_store(folder / "store.duckdb")
        assert connection.execute("select user_kind from access_events").fetchall() == [(kind,)]
        assert connection.execute("select format from loads").fetchall() == [("web_combined",)]
        connection.close()


def test_controls_and_definitions_of_ones_own_win(tmp_path, capsys):
    """By a control's id and a definition's name, whatever else the file is called; the catalogue shows what is one's own."""
    control = next(path for path in (sql.shipped("queries") / "controls").rglob("LOG-02*.sql"))
    text = re.sub(r"(?m)^title( *)= .*$", 'title\\1= "A title of our own"', control.read_text(), count=1)
    definition = sql.find(sql.roots(), "definitions")["logins"].read_text() + "-- ours\n"
    files = {"queries/controls/LOG/LOG-02_ours.sql": text, "queries/definitions/logins.sql": definition}
    folder = project_with(tmp_path / "mine", "", files)
    roots = sql.roots(read_project(folder).queries)
    assert sql.find(roots, "controls")["LOG-02"] == folder / "queries/controls/LOG/LOG-02_ours.sql"
    assert sql.find(roots, "definitions")["logins"].read_text().endswith("-- ours\n")
    assert sql.read_controls(roots)["LOG-02"].title == "A title of our own"
    assert len(sql.read_controls(roots)) == len(sql.read_controls(sql.roots()))
    assert cli.main(["controls", "--project", str(folder)]) == 0
    assert "A title of our own" in capsys.readouterr().out


def test_init_writes_a_project_that_can_be_read(tmp_path):
    """`audit init` writes an audit.toml that reads, the dictionary, and the headers of the minimum useful set."""
    from audit_lib.project import read_project

    assert cli.main(["init", str(tmp_path / "mine")]) == 0
    assert read_project(tmp_path / "mine").name == "mine"
    assert (tmp_path / "mine/templates/accounts.csv").read_text().startswith("account_id,status")
    assert cli.main(["init", str(tmp_path / "mine")]) == 2


def test_the_policy_holds_every_quoted_promise():
    """Each piece of a promise stands in the policy of ../shared, word for word."""
    policy = Path(__file__).parents[2] / "shared/policy/privacy-policy-2024-01-23.txt"
    if not policy.exists():
        pytest.skip("../shared/policy is not here: the quotes can't be compared with the policy")
    text = policy.read_text(encoding="utf-8")
    missing = {one.id: pieces for one in sql.read_controls(sql.roots()).values() if (pieces := sql.quotes_missing(one.promise, text))}
    assert missing == {}
