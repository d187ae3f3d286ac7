"""The table files are whole in themselves, and say the same as the dictionary of tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "queries" / "tables").glob("*.sql"))
DICTIONARY = ROOT.parent / "shared" / "TABLES.md"
SINGULARS = {
    "people": "person",
    "access_grants": "grant",
    "data_classes": "data_class",
    "transfer_bases": "transfer_basis",
    "addresses": "address",
}
COUNTS = {"first two": 2, "first three": 3, "first four": 4, "first five": 5}
REGIONS = ["EEA", "UK", "CH", "US-CA", "US", "other"]  # TABLES.md §2
REGION_COLUMNS = {("accounts", "regions"), ("data_uses", "region"), ("privacy_requests", "jurisdiction")}
# Runs of codes that TABLES.md gives as examples or as parts of a longer text, not as a complete list of one column.
NO_CODE_LISTS = {
    ("access_events", "event_action"): "open list",
    ("table_checks", "rule"): "reference:TABLE has a varying part, so the list stands in a named check",
    ("entitlements", "role"): "codes on accounts only, in a named check; systems have their own",
    ("consents", "scope"): "codes for marketing only; else as the form says",
    ("notices", "kind"): "two lists, one column",
    ("contracts", "clauses"): "open list",
    ("contracts", "standard_clauses_module"): "written as a range",
    ("holidays", "calendar"): "examples",
}


@dataclass(frozen=True)
class Row:
    """One row of a table in the dictionary: columns that share a type, a rule on missing cells and a meaning."""

    table: str
    columns: tuple[str, ...]
    type: str
    required: str
    meaning: str


@dataclass(frozen=True)
class Entry:
    """One table of the dictionary."""

    grain: str
    key: list[str]
    rows: list[Row]


def read_dictionary() -> dict[str, Entry]:
    text = DICTIONARY.read_text(encoding="utf-8")
    return {name: _entry(name, body) for name, body in re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", text, re.M | re.S)}


def _entry(table: str, body: str) -> Entry:
    grain, key = re.match(r"(One row per .*?\.) Key: (.*?)\.", body).groups()
    rows = []
    for line in re.findall(r"^\| (`.*) \|$", body, re.M):
        names, type_name, required, meaning = [cell.strip() for cell in (line + " ").split(" | ", 3)]
        rows.append(Row(table, tuple(re.findall(r"`(\w+)`", names)), type_name, required, meaning))
    return Entry(grain, re.findall(r"`(\w+)`", key), rows)


def required_always(row: Row) -> set[str]:
    """Columns of a row whose cell is required with a plain yes: by name, by count from the left, by exception."""
    found = set(row.columns) if row.required == "yes" else set()
    for part in row.required.split("; "):
        if part in COUNTS:
            found |= set(row.columns[: COUNTS[part]])
        elif part == "id":
            found.add(row.columns[0])
        elif part == "all but the last":
            found |= set(row.columns[:-1])
        elif part.startswith("all but"):
            found |= set(row.columns) - set(re.findall(r"`(\w+)`", part))
        elif name := re.fullmatch(r"`(\w+)`", part):
            found.add(name[1])
    return found


def required_sometimes(row: Row) -> set[str] | None:
    """Columns of a row that a condition requires; None where it has none; empty where TABLES.md leaves to the kind which."""
    for part in row.required.split("; "):
        if part in COUNTS or part in ("yes", "no", "id") or part.startswith("all but") or re.fullmatch(r"`\w+`", part):
            continue
        condition, _, which = part.partition(": ")
        if condition in ("person or account", "one place", "exactly one", "one of them"):
            nouns = condition.split(" or ") if " or " in condition else []
            return {f"{noun}_id" for noun in nouns} or set(row.columns) - required_always(row)
        if condition == "first or second":
            return set(row.columns[:2])
        if "by " in condition:
            return set()
        number = {"first": 1, "first two": 2}.get(which)
        return set(row.columns[:number]) if number else set(re.findall(r"`(\w+)`", which)) or set(row.columns)
    return None


def code_runs(row: Row) -> Iterator[list[str]]:
    """The complete lists of two or more codes in a row's meaning (a list is complete unless it ends in “…”)."""
    remark = r"\((?:[^()]|\([^()]*\))*\)"
    code = rf"`[a-z0-9_]+`(?: {remark})?"
    for run in re.finditer(rf"{code}(?:, {code})+(?!`)(, …|; …)?", row.meaning):
        if not run[1]:
            yield re.findall(r"`([a-z0-9_]+)`", re.sub(remark, "", run[0]))


def ddl(table: str) -> str:
    return (ROOT / "queries" / "tables" / f"{table}.sql").read_text(encoding="utf-8")


def column_lines(table: str) -> dict[str, tuple[str, str]]:
    """Column name to its definition and its comment."""
    lines = re.findall(r"^  (?!constraint |unique )(\w+) +(\S.*?),? +-- ?(.*)$", ddl(table), re.M)
    return {name: (definition, comment) for name, definition, comment in lines}


def codes(table: str) -> dict[str, list[str]]:
    """Column name to the codes that its own check allows."""
    found = {}
    for name, (definition, _) in column_lines(table).items():
        if check := re.search(r"check \((.*)\)", definition):
            assert re.search(rf"\b{name}\b", check[1]), f"{table}.{name}: its check is about another column"
            found[name] = re.findall(r"'([^']*)'", check[1])
    return found


def constraints(table: str) -> str:
    return "\n".join(re.findall(r"^  constraint .*?(?=^  constraint |^  unique )", ddl(table), re.M | re.S))


def referenced(table: str, column: str, singulars: dict[str, str]) -> str | None:
    """The table that a column's name points to: it ends in the singular of a table plus `_id` or `_ids`."""
    stem = re.sub(r"_ids?$", "", column)
    ends = [singular for singular in singulars if stem != column and (stem == singular or stem.endswith("_" + singular))]
    if not ends:
        return None
    longest = max(ends, key=len)
    return None if singulars[longest] == table and stem == longest else singulars[longest]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for path in FILES:
            connection.execute(path.read_text(encoding="utf-8"))
        yield connection


def table_names() -> list[str]:
    return [path.stem for path in FILES]


# In themselves


def test_all_table_files_make_one_database(database):
    """Every file creates exactly the table that it is named after."""
    made = [name for (name,) in database.execute("select table_name from duckdb_tables() order by table_name").fetchall()]
    assert made == sorted(table_names())


@pytest.mark.parametrize("table", table_names())
def test_the_first_line_says_what_a_row_is(table):
    """An auditor who opens a table's file reads first what one row stands for."""
    assert re.match(r"-- One row per [^\n]+\.\n", ddl(table))


@pytest.mark.parametrize("table", table_names())
def test_every_column_has_a_comment_of_its_own(database, table):
    """Each column says what it is; none sends the reader to another one; moments name their zone."""
    columns = dict(database.execute("select column_name, data_type from duckdb_columns() where table_name = ?", [table]).fetchall())
    lines = column_lines(table)
    assert list(lines) == list(columns)
    for name, (_, comment) in lines.items():
        assert len(comment) >= 4 and not comment.startswith("see "), f"{table}.{name}: {comment!r}"
        if columns[name] == "TIMESTAMP WITH TIME ZONE":
            assert re.search(r", UTC(;| ->|$)", comment), f"{table}.{name} doesn't name its zone: {comment!r}"


@pytest.mark.parametrize("table", table_names())
def test_every_reference_names_a_table_and_every_id_its_reference(table):
    """`-> table` stands behind a column exactly where its name ends in the singular of that table plus `_id`."""
    singulars = {SINGULARS.get(name, name.removesuffix("s")): name for name in table_names()}
    written = {name: re.findall(r"->\s*(\S*)", comment) for name, (_, comment) in column_lines(table).items()}
    by_name = {name: [found] if (found := referenced(table, name, singulars)) else [] for name in written}
    assert written == by_name


@pytest.mark.parametrize("table", table_names())
def test_every_table_states_its_key(database, table):
    """One `unique`, over columns of the table, and each other table constraint has a name."""
    keys = database.execute("select count(*) from duckdb_constraints() where table_name = ? and constraint_type = 'UNIQUE'", [table])
    assert keys.fetchone() == (1,)
    assert not re.search(r"^  check \(", ddl(table), re.M)


@pytest.mark.parametrize(
    ("table", "row", "breaks"),
    [
        (
            "accounts",
            "account_id, status, valid_from_at, kind, created_via, created_at) values ('a', 'canceled', $at, 'customer', 'web', $at",
            True,
        ),
        (
            "accounts",
            "account_id, status, valid_from_at, kind, created_via, created_at) values ('a', 'active', $at, 'customer', 'web', $at",
            False,
        ),
        (
            "accounts",
            "account_id, status, valid_from_at, kind, created_via, created_at) values ('b', 'closed', $at, 'customer', 'web', $at",
            True,
        ),
        (
            "accounts",
            "account_id, status, valid_from_at, kind, created_via, created_at, regions) values ('c', 'active', $at, 'customer', 'web', $at, ['EU']",
            True,
        ),
        (
            "entitlements",
            "entitlement_id, person_id, role, valid_from_at, account_id) values ('e', 'p', 'owner', $at, 'a'",
            False,
        ),
        ("entitlements", "entitlement_id, person_id, role, valid_from_at) values ('f', 'p', 'owner', $at", True),
        (
            "entitlements",
            "entitlement_id, person_id, role, valid_from_at, account_id, asset_id) values ('g', 'p', 'owner', $at, 'a', 's'",
            True,
        ),
        (
            "entitlements",
            "entitlement_id, person_id, role, valid_from_at, asset_id) values ('h', 'p', 'owner', $at, 's'",
            True,
        ),
        (
            "backups",
            "backup_id, store_id, country, kind, taken_at) values ('b', 's', 'US', 'preserved_copy', $at",
            True,
        ),
        ("backups", "backup_id, store_id, country, kind, taken_at) values ('b', 's', 'US', 'scheduled', $at", False),
    ],
)
def test_conditions_refuse_what_the_dictionary_refuses(database, table, row, breaks):
    """Conditional requirements and codes do what they say, tried on rows at their edges."""
    statement = f"insert into {table} ({row})".replace("$at", "timestamptz '2026-07-01 00:00+00'")
    if breaks:
        with pytest.raises(duckdb.ConstraintException):
            database.execute(statement)
    else:
        database.execute(statement)


# Together with the dictionary


def test_table_files_and_dictionary_agree(database):
    """Names, grain, keys, columns in order, types and required cells are those of TABLES.md, with none left over."""
    if not DICTIONARY.is_file():
        pytest.skip("../shared/TABLES.md is not here: the table files can't be held against the dictionary")
    dictionary = read_dictionary()
    assert sorted(dictionary) == sorted(table_names())
    for table, entry in dictionary.items():
        said = [(name, row.type, name in required_always(row)) for row in entry.rows for name in row.columns]
        columns = database.execute(
            "select column_name, data_type, not is_nullable from duckdb_columns() where table_name = ? order by column_index",
            [table],
        ).fetchall()
        made = [(name, kind.lower().replace("timestamp with time zone", "timestamptz"), required) for name, kind, required in columns]
        assert made == said, table
        [(key,)] = database.execute(
            "select constraint_column_names from duckdb_constraints() where table_name = ? and constraint_type = 'UNIQUE'",
            [table],
        ).fetchall()
        assert key == entry.key, table
        assert ddl(table).splitlines()[0] == f"-- {entry.grain}", table


def test_conditions_of_the_dictionary_are_constraints():
    """A cell that TABLES.md requires under a condition stands in a named check; no check is without such a cell."""
    if not DICTIONARY.is_file():
        pytest.skip("../shared/TABLES.md is not here: conditional cells can't be held against the dictionary")
    extra = {"table_checks", "entitlements"}  # a code list of theirs needs more than one column or a pattern
    for table, entry in read_dictionary().items():
        conditional = [(row, wanted) for row in entry.rows if (wanted := required_sometimes(row)) is not None]
        stated = constraints(table)
        for row, wanted in conditional:
            named = {name for name in row.columns if re.search(rf"\b{name}\b[^\n]* null", stated)}
            assert named == wanted if wanted else named, f"{table}: {row.required}: {row.columns}"
        assert bool(conditional) == bool(stated) or table in extra, f"{table} has checks that TABLES.md doesn't ask for"


def test_codes_are_those_of_the_dictionary():
    """Each complete list of codes is the check of one of its row's columns, and each check is such a list."""
    if not DICTIONARY.is_file():
        pytest.skip("../shared/TABLES.md is not here: codes can't be held against the dictionary")
    for table, entry in read_dictionary().items():
        checks = codes(table)
        for row in entry.rows:
            mine = {name: checks[name] for name in row.columns if name in checks}
            for name, allowed in mine.items():
                known = re.findall(r"`([a-zA-Z0-9_-]+)`", row.meaning) + (["1", "2", "3", "4"] if "`1` to `4`" in row.meaning else [])
                known += REGIONS if (table, name) in REGION_COLUMNS else []
                assert set(allowed) <= set(known), f"{table}.{name}: codes that TABLES.md doesn't know"
            if any((table, name) in NO_CODE_LISTS for name in row.columns):
                continue
            for run in code_runs(row):
                assert run in mine.values(), f"{table}: {row.columns}: no column has exactly the codes {run}"
        for pair in REGION_COLUMNS:
            assert pair[0] != table or set(checks[pair[1]]) >= set(REGIONS)
        for row in entry.rows:
            text = " ".join(" ".join((name, *column_lines(table)[name])) for name in row.columns) + constraints(table)
            missing = [code for code in re.findall(r"`([a-z]+(?:_[a-z0-9]+)*)`", row.meaning) if not re.search(rf"\b{code}\b", text)]
            assert not missing, f"{table}: {row.columns}: TABLES.md names {missing}, the file doesn't"
