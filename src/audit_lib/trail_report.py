"""The sections of one account's trail, each made from the trail alone."""

from typing import Any

from audit_lib import opening, words
from audit_lib.display import Shown, marked_line, show
from audit_lib.trails import BASIS, OURS, Trail

SHOWN = 200  # rows of a table; all events are in the CSV beside the page
OUTCOMES = {"pass": "had a recorded basis", "exception": "had none that holds", "unknown": "could not be evaluated", "": "was not judged"}


def conclusion(trail: Trail) -> str:
    """The trail's first sentence: how often our people reached the account, and what is said of the bases."""
    count = len(trail.ours)
    if not count:
        return f"In the logs of this period, no access by our people or subprocessors to {trail.account} is on record."
    people = len({row["who"] for row in trail.ours})
    told = f"{words.counted(count, 'access', in_words=True)} by {words.counted(people, 'person' if people == 1 else 'login or person', in_words=True)}"
    told = told.replace("login or persons", "persons or logins")
    parts = []
    for outcome, said in OUTCOMES.items():
        number = sum(row["judged"] == outcome for row in trail.ours)
        if number:
            parts.append(f"{words.spelled(number)}\xa0{said if number == 1 or outcome != '' else 'were not judged'}")
    return f"{words.sentence(told)} of ours to {trail.account} {'is' if count == 1 else 'are'} on record: {words.listing(parts)}."


def masthead(trail: Trail) -> Shown:
    """The first sentence, and what the page is about."""
    said = conclusion(trail)
    shown = show("trail_masthead.html", said, trail=trail, run=trail.run, conclusion=said)
    return Shown(f"<!--style-->{opening.styles()}<!--/style-->{shown.html}", shown.text)


def ours(trail: Trail) -> Shown:
    """Section 1: each access of our people and subprocessors, with its basis and its line."""
    lede = (
        f"Each is judged by {BASIS}, as in the report on unauthorized access. A recorded basis is a grant in force for this person, account and moment."
        if trail.ours
        else "None is on record. Section 4 says what the logs could not show."
    )
    return _accesses(trail, lede, trail.ours, "access", "Sorted by time.")


def attempts(trail: Trail) -> Shown:
    """Section 2: what our people tried in vain."""
    told = words.counted(len(trail.attempts), "attempt", in_words=True)
    lede = f"{words.sentence(told)} failed, or the log does not say how they ended." if trail.attempts else "No failed attempt of our people is on record."
    return _accesses(trail, lede, trail.attempts, "attempt", "Attempts that failed, or whose end the log does not tell. Sorted by time.")


def _accesses(trail: Trail, lede: str, rows: tuple[dict, ...], noun: str, sorting: str) -> Shown:
    year = int(trail.run["since"][:4])
    shown = [
        row
        | {
            "when": words.moment(row["event_time"].replace(microsecond=0), year),
            "what": (row["event_action"] or "not told").replace("_", " "),
            "status": row["judged"],
            "records": "" if row["record_count"] is None else words.counted(row["record_count"], "record"),
        }
        for row in rows[:SHOWN]
    ]
    caption = f"{sorting} {words.number(len(shown))} of {words.counted(len(rows), noun)} shown"
    return show("trail_accesses.html", lede, lede=lede, rows=shown, caption=caption, unjudged=trail.unjudged)


def others(trail: Trail) -> Shown:
    """Section 3: who else came in, a row for each session, or each caller, address and day."""
    year = int(trail.run["since"][:4])
    count = sum(row["events"] for row in trail.others)
    lede = (
        f"{words.sentence(words.counted(count, 'event'))} of customers, services and callers without a name, in {words.counted(len(trail.others), 'row')}: "
        "one for each session, else one for each caller, address and day."
        if trail.others
        else "No event of a customer, a service or an unnamed caller is on record for this account."
    )
    rows = [
        row | {
            "when": words.moment(row["first_at"].replace(microsecond=0), year), "until": words.moment(row["last_at"].replace(microsecond=0), year),
            "what": [f"{words.number(one['count'])} × {one['action'].replace('_', ' ')}{'' if one['outcome'] == 'success' else ' (' + one['outcome'] + ')'}" for one in row["actions"]],
        }
        for row in trail.others[:SHOWN]
    ]  # fmt: skip
    caption = f"Sorted by first event. {words.number(len(rows))} of {words.counted(len(trail.others), 'row')} shown; every event is in the CSV beside this page"
    return show("trail_others.html", lede, lede=lede, rows=rows, caption=caption)


def unseen(trail: Trail) -> Shown:
    """Section 4: what the logs could not show, counted where it can be."""
    count = sum(row["accesses"] for row in trail.unnamed)
    lede = (
        f"{words.sentence(words.counted(count, 'access'))} of our people {'is' if count == 1 else 'are'} on record in a log that names no account. Each may have reached this account or another."
        if count
        else "Each access of our people in the logs searched names the account that it touched."
    )
    return show("trail_unseen.html", lede, lede=lede, trail=trail, kinds=OURS)


def lines(trail: Trail) -> Shown:
    """Section 5: the raw lines behind section 1."""
    wanted = len({origin for row in trail.ours for origin in row["origins"]})
    lede = (
        f"{words.number(len(trail.lines))} of {words.counted(wanted, 'line')} behind the accesses of section 1, in their order."
        if wanted
        else "Section 1 has no access, so there is no line to show."
    )
    return raw(trail, lede)


def raw(about: Any, lede: str) -> Shown:
    """The raw lines of a page about one account, its id or name marked."""
    has_tokens = about.run["identities"] == "pseudonyms"
    shown = [line | {"html": marked_line(line["text"], [about.account], has_tokens=has_tokens)} for line in about.lines]
    return show("trail_lines.html", lede, lede=lede, lines=shown)
