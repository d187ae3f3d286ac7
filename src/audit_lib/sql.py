"""The SQL files: where they lie, their headers, what they read, and the rules that they keep."""

import functools
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from audit_lib.errors import ControlError, raise_all

FIXED_COLUMNS = ("item", "item_at", "subject", "outcome", "reason", "detail", "cause", "lines")
SEVERITIES = ("critical", "high", "medium", "low")
KINDS = ("data", "hybrid", "document", "attestation")
TYPES = {"integer": int, "varchar": str, "boolean": bool, "varchar[]": list, "double": float, "integer[]": list}
SOURCES = ("policy", "law", "management")
PERIOD_MACROS = {"since", "until", "as_of"}
HEADER_KEYS = {
    "id", "title", "promise", "source", "severity", "kind", "tests", "population", "repeats", "clauses",
    "needs", "may_use", "rests_on", "limits", "parameters", "reasons", "needs_nobody", "columns",
}  # fmt: skip
REQUIRED_KEYS = ("id", "title", "promise", "source", "severity", "kind", "tests", "needs", "limits", "clauses", "reasons")
FORBIDDEN = re.compile(
    r"now|today|current_\w+|transaction_timestamp|get_current_\w+|localtime\w*|random|gen_random_uuid|uuid\w*|hash|getvariable|setseed|nextval|"
    r"read_\w+|glob|query|query_table|getenv"
)


@dataclass(frozen=True)
class Query:
    """A SQL file: the TOML header of its leading block comment, and its one statement without the `;`."""

    name: str
    path: Path
    header: dict[str, Any]
    text: str
    sql: str


@dataclass(frozen=True)
class Parameter:
    """One parameter as a header declares it; `default` null: unset means not tested, unless optional."""

    name: str
    type: str
    default: Any
    unit: str
    source: str
    meaning: str
    optional: bool = False


@dataclass(frozen=True)
class Control:
    """A control file, header checked. `reasons`: code to (sentence, whether it stays open).

    `needs_nobody`: reasons of items that can't be evaluated and that nobody can mend, such as a person too new to have a
    pattern: they are counted, and make neither a finding nor the exit code 1.
    """

    id: str
    family: str
    query: Query
    title: str
    promise: str
    source: str
    severity: str
    kind: str
    tests: str
    limits: str
    population: str | None
    repeats: bool
    clauses: dict[str, list[str]]
    needs: tuple[str, ...]
    may_use: tuple[str, ...]
    rests_on: tuple[str, ...]
    parameters: dict[str, Parameter]
    reasons: dict[str, tuple[str, bool]]
    columns: dict[str, str] = field(default_factory=dict)
    needs_nobody: tuple[str, ...] = ()


@dataclass(frozen=True)
class Syntax:
    """What a statement names: tables (not its own CTEs) and functions, in lower case."""

    tables: frozenset[str]
    functions: frozenset[str]


def shipped(name: str) -> Path:
    """The shipped folder `queries`, `notebooks` or `templates`, in a wheel or a checkout."""
    package = Path(__file__).parent
    if (package / "shipped").is_dir():
        return package / "shipped" / name
    return package.parents[1] / ("reports/templates" if name == "templates" else name)


def roots(own: Path | None = None) -> list[Path]:
    """The query folders: the shipped one, then a project's own, whose files win."""
    return [shipped("queries")] + ([own] if own and own.is_dir() else [])


def find(folders: list[Path], kind: str) -> dict[str, Path]:
    """SQL files of one kind (`tables`, `controls`, …) by name, sorted; for controls the name is the id."""
    found = {}
    for folder in folders:
        for path in sorted((folder / kind).rglob("*.sql")):
            found[path.stem.split("_")[0] if kind == "controls" else path.stem] = path
    return dict(sorted(found.items()))


def read_query(path: Path) -> Query:
    """One SQL file. Raises ControlError where its header is no TOML or it holds no statement."""
    text = path.read_text(encoding="utf-8")
    top = re.match(r"\s*/\*(.*?)\*/", text, re.S)
    try:
        header = tomllib.loads(top[1]) if top else {}
    except tomllib.TOMLDecodeError as fault:
        raise ControlError(f"{path}: header is not valid TOML: {fault}") from None
    sql = (text[top.end() :] if top else text).strip().removesuffix(";")
    if not sql:
        raise ControlError(f"{path}: holds no statement. Write one SELECT below the header")
    return Query(path.stem, path, header, text, sql)


def read_control(path: Path) -> Control:
    """One control file. Raises ControlError with all faults of its header."""
    query = read_query(path)
    header, where = query.header, path.name
    faults = [f"{where}: unknown key: {key}. Allowed: {', '.join(sorted(HEADER_KEYS))}" for key in sorted(header.keys() - HEADER_KEYS)]
    faults += [f"{where}: header lacks {key}" for key in REQUIRED_KEYS if key not in header]
    raise_all(ControlError, faults)
    for key, allowed in (("severity", SEVERITIES), ("kind", KINDS)):
        if header[key] not in allowed:
            faults.append(f"{where}: {key}: {header[key]!r}. Allowed: {', '.join(allowed)}")
    if not path.stem.startswith(header["id"] + "_"):
        faults.append(f"{where}: the file's name must begin with its id: {header['id']}_")
    if header["severity"] == "critical" and "population" not in header:
        faults.append(f"{where}: a critical control states its population: a second, simpler SELECT of every item's item_at")
    faults += [f"{where}: needs_nobody: no such reason: {code}" for code in header.get("needs_nobody", ()) if code not in header.get("reasons", {})]
    parameters = {name: _parameter(where, name, given, faults) for name, given in header.get("parameters", {}).items()}
    raise_all(ControlError, faults)
    return Control(
        id=header["id"],
        family=header["id"].split("-")[0],
        query=query,
        population=header.get("population"),
        repeats=header.get("repeats", False),
        needs=tuple(header["needs"]),
        may_use=tuple(header.get("may_use", ())),
        rests_on=tuple(header.get("rests_on", ())),
        parameters=parameters,
        reasons={code: _reason(given) for code, given in header["reasons"].items()},
        columns=header.get("columns", {}),
        needs_nobody=tuple(header.get("needs_nobody", ())),
        **{key: header[key] for key in ("title", "promise", "source", "severity", "kind", "tests", "limits", "clauses")},
    )


def _reason(given: str | dict) -> tuple[str, bool]:
    return (given, False) if isinstance(given, str) else (given["text"], given.get("stays_open", False))


def _parameter(where: str, name: str, given: dict, faults: list[str]) -> Parameter:
    unknown = given.keys() - {"type", "default", "unit", "source", "meaning", "optional"}
    faults += [f"{where}: parameter {name}: unknown key: {key}" for key in sorted(unknown)]
    for key, allowed in (("type", TYPES), ("source", SOURCES)):
        if given.get(key) not in allowed:
            faults.append(f"{where}: parameter {name}: {key}: {given.get(key)!r}. Allowed: {', '.join(allowed)}")
    if not given.get("meaning"):
        faults.append(f"{where}: parameter {name} has no meaning")
    return Parameter(
        name, given.get("type", ""), given.get("default"), given.get("unit", ""),
        given.get("source", ""), given.get("meaning", ""), given.get("optional", False),
    )  # fmt: skip


def read_controls(folders: list[Path]) -> dict[str, Control]:
    """All controls by id. Raises ControlError with the faults of all headers, and where two declare one parameter differently."""
    controls, faults, declared = {}, [], {}
    for path in find(folders, "controls").values():
        try:
            control = read_control(path)
        except ControlError as fault:
            faults.append(str(fault))
            continue
        controls[control.id] = control
        for parameter in control.parameters.values():
            first = declared.setdefault(parameter.name, (control.id, parameter))
            if (first[1].type, first[1].default, first[1].source) != (parameter.type, parameter.default, parameter.source):
                faults.append(f"{control.id}: parameter {parameter.name} is declared otherwise in {first[0]}: one name, one value in an audit")
    raise_all(ControlError, faults)
    return controls


@functools.lru_cache(maxsize=2048)
def syntax(sql: str) -> Syntax:
    """What a statement names, from DuckDB's own syntax tree. Raises ControlError in DuckDB's words."""
    connection = duckdb.connect()
    tree = json.loads(connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()[0])
    if tree["error"]:
        raise ControlError(f"{str(tree.get('error_type', 'parser')).capitalize()} Error: {tree['error_message']}")
    if len(tree["statements"]) != 1:
        raise ControlError("Parser Error: one SELECT is allowed, not several statements")
    tables, ctes, functions = set(), set(), set()
    for node in _nodes(tree):
        if node.get("type") == "BASE_TABLE":
            tables.add(".".join(node["qualified_name"]["path"]).lower())
        elif node.get("class") == "FUNCTION" or node.get("type") == "TABLE_FUNCTION":
            functions.add(str(node.get("function_name", "")).lower())
        elif node.get("class") == "COLUMN_REF" and len(node["column_names"]) == 1:
            functions.add("column:" + node["column_names"][0].lower())
        if "cte_map" in node:
            ctes |= {entry["key"].lower() for entry in node["cte_map"]["map"]}
    return Syntax(frozenset(tables - ctes), frozenset(functions))


def _nodes(tree: Any) -> Iterator[dict]:
    if isinstance(tree, dict):
        yield tree
        for child in tree.values():
            yield from _nodes(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from _nodes(child)


def definitions_used(sql: str, definitions: dict[str, Query]) -> list[str]:
    """The definitions that a statement needs, itself or through another, each after those it reads."""
    order: list[str] = []

    def visit(text: str) -> None:
        for name in sorted(syntax(text).tables & definitions.keys()):
            if name not in order:
                visit(definitions[name].sql)
                order.append(name)

    visit(sql)
    return order


def lint(control: Control, tables: set[str], definitions: dict[str, Query]) -> list[str]:
    """What in a control's SQL, or in a definition that it uses, breaks the contract: a line each."""
    used = definitions_used(control.query.sql, definitions)
    texts = {control.id: control.query.sql} | {f"{control.id}: definition {name}": definitions[name].sql for name in used}
    faults, read, called = [], set(), set()
    for where, text in texts.items():
        found = syntax(text)
        read |= found.tables
        called |= found.functions
        bad = sorted(name for name in found.functions if FORBIDDEN.fullmatch(name.removeprefix("column:")))
        faults += [
            f"{where}: may not use {name.removeprefix('column:')}: results must not depend on clock, chance or files"
            for name in bad
            if (name != "hash" or where == control.id)  # a definition may tell texts apart by hashes; none is shown
            and (not name.startswith("column:") or name.startswith("column:current_"))
        ]
    read = {name.removeprefix("history.") for name in read - definitions.keys()}
    named = set(control.needs) | set(control.may_use)
    faults += [f"{control.id}: reads {name}, which is no table or definition" for name in sorted(read - tables)]
    faults += [f"{control.id}: reads {name}, which neither needs nor may_use names" for name in sorted((read & tables) - named)]
    faults += [f"{control.id}: names {name}, which its SQL does not read" for name in sorted(named - read)]
    faults += [f"{control.id}: names {name}, which is no table" for name in sorted(named - tables)]
    if "since" in called and not control.repeats:
        faults.append(f"{control.id}: uses since(), which only a control that repeats may: reach from the item's own moment")
    faults += [f"{control.id}: declares {name}, which its SQL does not use" for name in sorted(control.parameters.keys() - called)]
    return faults


def literal(value: Any, type_name: str) -> str:
    """A value as a SQL expression of that type."""
    if value is None:
        return f"cast(null as {type_name})"
    if isinstance(value, list):
        return f"cast([{', '.join(literal(one, type_name.removesuffix('[]')) for one in value)}] as {type_name})"
    return f"cast('{str(value).replace(chr(39), chr(39) * 2)}' as {type_name})"


def macros(values: dict[str, tuple[Any, str]]) -> str:
    """One `create temp macro` a line for each name: (value, type). A plain macro fails on a read-only store."""
    return "".join(f"create or replace temp macro {name}() as {literal(value, type_name)};\n" for name, (value, type_name) in values.items())


def quotes_missing(promise: str, policy: str) -> list[str]:
    """The pieces of a promise that the policy does not contain; none for a promise in parentheses."""
    if promise.startswith("("):
        return []

    def plain(text: str) -> str:
        for curly, straight in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
            text = text.replace(curly, straight)
        return re.sub(r"\s+", " ", text).strip()

    pieces = [plain(piece) for piece in re.split(r"…|\.\.\.", promise)]
    return [piece for piece in pieces if piece and piece not in plain(policy)]
