"""Why a control has its status, in one line: the notes of a run, put together by what is missing."""

import re
from typing import Any

from audit_lib import words

# A note of the runner, and how its kind is told of one name and of several; the last two weaken a result, the others prevent it.
KINDS = (
    (re.compile(r"Table (\w+) was not delivered"), "{} was not delivered", "{} were not delivered"),
    (re.compile(r"Parameter (\w+) is not set"), "{} is not set", "{} are not set"),
    (
        re.compile(r"The log (\S+) leaves part of the period uncovered"),
        "the log {} does not cover the whole period",
        "the logs {} do not cover the whole period",
    ),
    (
        re.compile(r"Table (\w+)\b.* was drawn at"),
        "{} was drawn before the period ends",
        "{} were drawn before the period ends",
    ),
    (re.compile(r"No valid (signed statement)"), "no {} for the period", "no {} for the period"),
    (re.compile(r"(IPE-\w+) has"), "evidence with faults: {}", "evidence with faults: {}"),
)
PREVENTING = 4


def told(control: dict[str, Any], *, is_brief: bool = False) -> str:
    """The notes beside a control's status as one line; `is_brief` leaves out what only weakens the result.

    >>> told({"status_notes": ["Table people was not delivered.", "Table stores was not delivered.", "IPE-01 has 1 exception"]})
    'people and stores were not delivered; evidence with faults: IPE-01'
    """
    found: dict[int, list[str]] = {}
    lines = []
    for note in control.get("status_notes") or ():
        for place, (pattern, _, _) in enumerate(KINDS):
            if match := pattern.match(note):
                found.setdefault(place, []).append(match[1])
                break
        else:
            lines.append(words.lowered(note))
    for place, names in sorted(found.items()):
        if place < PREVENTING or not is_brief or len(found) == 1:
            names = list(dict.fromkeys(names))
            lines.append(KINDS[place][1 if len(names) == 1 else 2].format(words.listing(names)))
    return "; ".join(lines)
