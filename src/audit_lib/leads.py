"""What to look at first, and which ways in nothing independent watches: two tables of the report on access."""

from audit_lib import words
from audit_lib.display import Shown
from audit_lib.drawing import cell, no_figure, table
from audit_lib.figures import read
from audit_lib.narrative import reason_words
from audit_lib.results import Audit


def ranked(audit: Audit, most: int = 15) -> Shown:
    """The leads of the detections, the least likely sign-in first, so that few looks find most of what all would."""
    rows = read(audit, "ranked_leads")
    if not rows:
        return no_figure(
            "No lead needs a look", "No detection has one in this period." if rows is not None else "No access log was delivered.", "access_events; DET."
        )
    whole, scored = rows[0]["leads"], rows[0]["scored"]
    controls = {control["id"]: control for control in audit.all_controls}
    lines = [
        [
            cell(words.sentence(reason_words(controls[row["control_id"]], row["reason"])), row["item"]),
            cell(row["detail"]),
            cell(f"{row['risk']:,.1f}" if row["risk"] is not None else None),
            cell(row["control_id"], is_code=True),
        ]
        for row in rows[:most]
    ]
    title = f"{words.sentence(words.counted(whole, 'lead', in_words=True))} {'needs' if whole == 1 else 'need'} a look; " + (
        f"{words.spelled(scored)} of them can be ranked by how unlikely the sign-in is" if scored else "none can be ranked by how unlikely a sign-in is"
    )
    left = whole - len(lines)
    return table(
        title,
        "Score: how many times less likely the address and program are for this person than for everybody (Freeman and others, 2016). It ranks leads and proves nothing; a lead without a score is about no sign-in, or too little is known of its user.",
        "access_events; DET.",
        f"Sorted by score, then severity and time. {words.number(len(lines))} of {words.counted(whole, 'lead')} shown",
        ["Lead", "What was found", "Score", "Detection"],
        lines,
        {"Score"},
        wide={"What was found"},
        more=f"{words.counted(left, 'more lead')}: outcomes.csv, and `audit review` lists them all" if left else "",
    )


def paths(audit: Audit) -> Shown:
    """Which ways in are watched by a log of another origin, which by none: what completeness could be tested at all."""
    rows = read(audit, "access_paths")
    if not rows:
        return no_figure(
            "Ways in could not be listed",
            "The register of stores names no way in." if rows is not None else "The register of stores was not delivered.",
            "stores.",
        )
    alone = [row for row in rows if not row["independent_logs"]]
    title = (
        f"{words.sentence(words.spelled(len(alone)))} of {words.counted(len(rows), 'way')} in {'is' if len(alone) == 1 else 'are'} watched by no independent log: what is missing there, nobody would see"
        if alone
        else f"Each of the {words.counted(len(rows), 'way')} in is watched by an independent log"
    )
    lines = []
    for row in rows:
        watched = "nothing" if not row["independent_logs"] else row["independent_logs"]
        how = "" if not row["independent_logs"] else f"session by session: {row['session_logs']}" if row["session_logs"] else "hour by hour only"
        lines.append([
            cell(row["access_path"], is_code=True), cell(row["primary_logs"] or "none"), cell(words.number(row["accesses"])),
            cell(watched, how, "" if row["independent_logs"] else "unknown"),
        ])  # fmt: skip
    return table(
        title,
        "A log can't prove its own completeness. Where another system saw the same accesses, LOG-01 compares the two; elsewhere only running numbers, silence and file totals were tested.",
        "stores, access_events; LOG-01.",
        f"Sorted by what is watched least, then by accesses. {words.counted(len(lines), 'way')} in, all shown",
        ["Way in", "Log that must hold it", "Accesses", "Watched by"],
        lines,
        {"Accesses"},
    )
