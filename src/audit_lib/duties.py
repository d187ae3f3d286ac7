"""Separate duties: who prepares a run, who reviews its findings and who signs for it are three persons."""

import re
from collections.abc import Callable

import duckdb

from audit_lib import identities
from audit_lib.errors import InputError
from audit_lib.identities import Names
from audit_lib.project import Project

TOKEN = re.compile(r"\b[a-z]+-[a-z2-7]{10}\b")
ROLES = {"prepared_by": "preparer", "reviewed_by": "reviewer", "signed_by": "signer"}


def ids_behind(names: Names) -> Callable[[str | None], str | None]:
    """A function that puts the ids back into a text of a report; what is no name of the project stays."""
    back = {known: identity for identity, known in names.forward.items()}
    return lambda text: text and TOKEN.sub(lambda found: back.get(found[0], found[0]), text)


def find_person(connection: duckdb.DuckDBPyConnection, given: str, what: str) -> str:
    """The person_id of one of our people, by id, login or e-mail. Raises InputError where nobody, or more than one, is meant."""
    rows = connection.execute(
        "select distinct person_id from people where kind in ('staff', 'contractor', 'vendor_staff') "
        "and (person_id = $1 or list_contains(user_ids, $1) or email = lower($1)) order by 1",
        [given],
    ).fetchall()
    if len(rows) != 1:
        fault = "nobody of our people" if not rows else "more than one of our people"
        raise InputError(f"{what}: {given!r} is {fault} on record. Give a person_id of the table people, a login or a name of the report")
    return rows[0][0]


def is_operator(connection: duckdb.DuckDBPyConnection, person: str, ran_by: str, key: bytes) -> bool:
    """Whether a person's id, a login or the part of it before @ is the system user who made a run."""
    logins = {row[0] for row in connection.execute("select unnest(user_ids) from people where person_id = ?", [person]).fetchall()} | {person}
    logins |= {login.partition("@")[0] for login in logins}
    return any(ran_by in (login, identities.name(key, "operator", login)) for login in logins)


def check_reviewer(connection: duckdb.DuckDBPyConnection, project: Project, run: dict, key: bytes, reviewer: str, subjects: set[str], control_id: str) -> None:
    """Raises InputError where the reviewer of a finding is its subject, who prepared the run, or who signs for the control."""
    if reviewer in subjects:
        raise InputError(f"--by: {reviewer} is the subject of this finding. Somebody else must review it")
    if is_operator(connection, reviewer, run["ran_by"], key):
        raise InputError(f"--by: {reviewer} prepared the run {run['period']}/{run['run']}. Somebody else must review it")
    for role in ("prepared_by", "signed_by"):
        declared = project.signatures.get(role)
        if declared and _is_same(connection, declared, reviewer):
            raise InputError(f"--by: {reviewer} is the {ROLES[role]} by audit.toml. Preparer, reviewer and signer must be three persons")
    signed = connection.execute(
        "select min(attestation_id) from attestations where control_id in (?, rtrim(?, 'abcdefgh')) and signed_by_person_id = ? and kind = 'statement' "
        "and covers_from_at < ?::timestamptz and covers_to_at > ?::timestamptz",
        [control_id, control_id, reviewer, run["until"], run["since"]],
    ).fetchone()[0]
    if signed:
        raise InputError(f"--by: {reviewer} signed {signed} about {control_id} for this period. Reviewer and signer must be two persons")


def check_signatures(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Raises InputError where two of the roles that audit.toml names are one person, also by another login."""
    roles = list(project.signatures.items())
    for place, (role, given) in enumerate(roles):
        for other, also in roles[place + 1 :]:
            if given == also or _is_same(connection, given, also):
                raise InputError(f"audit.toml: [signatures]: {role} {given!r} and {other} {also!r} are one person. Preparer, reviewer and signer must be three")


def _is_same(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> bool:
    """Whether two texts name one person: the same text, or ids and logins of one person_id."""
    if one.strip().lower() == other.strip().lower():
        return True
    rows = connection.execute(
        "select count(*) from (select person_id from people where person_id = $1 or list_contains(user_ids, $1) "
        "intersect select person_id from people where person_id = $2 or list_contains(user_ids, $2))",
        [one.strip(), other.strip()],
    ).fetchone()
    return rows[0] > 0
