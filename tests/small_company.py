"""A company of three people, two accounts and a handful of accesses, in files that load in a second. All of it is made up."""

import json
from pathlib import Path

from audit_lib import cli

MANIFEST = "file_name,extracted_at,covers_from_at,covers_to_at,control_total\n"
TABLES = {
    "people": "person_id,kind,user_ids,job_title,time_zone,started_on,is_training_required\n"
    "emp-ann,staff,[ann@small.example],Support,UTC,2025-01-01,false\n"
    "emp-bob,staff,[bob@small.example],Support,UTC,2025-01-01,false\n"
    "emp-cleo,staff,\"[cleo@small.example, cleo-admin]\",Security,UTC,2025-01-01,false\n"
    "emp-dan,staff,[dan@small.example],Chief,UTC,2025-01-01,false\n"
    "cust-1,customer,[eve@client.example],,,,\n",
    "accounts": "account_id,status,status_cause,valid_from_at,valid_to_at,kind,created_via,created_at\n"
    "acct-1,active,,2026-01-01T00:00:00Z,,customer,web,2026-01-01T00:00:00Z\n"
    "acct-2,active,,2026-01-01T00:00:00Z,,customer,web,2026-01-01T00:00:00Z\n",
    "access_grants": "grant_id,person_id,account_id,basis,case_id,consent_id,actions,requested_by_person_id,granted_by_person_id,approved_by_person_id,valid_from_at,valid_to_at,approved_at,is_break_glass\n"
    "g-1,emp-bob,acct-1,support_consent,t-1,c-1,,emp-bob,emp-dan,emp-dan,2026-08-01T00:00:00Z,2026-09-01T00:00:00Z,2026-08-01T00:00:00Z,false\n",
    "reviews": "review_id,reviewed_by_person_id,kind,covers_from_at,covers_to_at,started_at,completed_at,result\n"
    "rv-q3,emp-cleo,unauthorized_access,2026-07-01T00:00:00Z,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,2026-10-04T00:00:00Z,findings\n",
    "attestations": "attestation_id,control_id,statement,signer_title,kind,status,signed_by_person_id,signer_role,signed_at,covers_from_at,covers_to_at\n"
    "at-1,ACC-01,All is well,Chief,statement,holds,emp-dan,officer,2026-10-03T00:00:00Z,2026-07-01T00:00:00Z,2026-10-01T00:00:00Z\n",
}  # fmt: skip
ACCESSES = [  # time, login, account, grant, result
    ("2026-08-03T10:00:00Z", "ann@small.example", "acct-1", None, "success"),
    ("2026-08-03T11:00:00Z", "bob@small.example", "acct-1", "g-1", "success"),
    ("2026-08-03T12:00:00Z", "ann@small.example", "acct-1", None, "failure"),
    ("2026-08-04T10:00:00Z", "bob@small.example", "acct-2", None, "success"),
    ("2026-08-05T10:00:00Z", "bob@small.example", None, None, "success"),
    ("2026-07-01T00:00:00Z", "bob@small.example", "acct-1", "g-1", "success"),  # on the first moment of the quarter
    ("2026-06-30T23:59:59Z", "bob@small.example", "acct-1", "g-1", "success"),  # just before it
]
LATER = [("2026-11-03T10:00:00Z", "ann@small.example", "acct-1", None, "success")]


def write(folder: Path, drawn: str = "2026-10-05T06:00:00Z", accesses: list[tuple] = ACCESSES) -> Path:
    """The company as drawn at a moment; a later one has the rows of the earlier and more."""
    tables, support, product = (folder / "inputs" / name for name in ("tables", "support", "product"))
    for place in (tables, support, product):
        place.mkdir(parents=True, exist_ok=True)
    (folder / "audit.toml").write_text('[company]\nname = "Small Co"\n')
    for name, text in TABLES.items():
        (tables / f"{name}.csv").write_text(text)
    (tables / "manifest.csv").write_text(MANIFEST + "".join(f"{name}.csv,{drawn},,,{text.count(chr(10)) - 1}\n" for name, text in TABLES.items()))
    lines = [
        json.dumps({
            "id": f"sa-{number}", "ts": at, "seq": number, "actor": login, "tool": "console" if account else "db-shell", "action": "view_content", "account": account,
            "rows": number, "grant": grant, "reason": "a ticket", "sid": f"sid-{number}", "ip": "203.0.113.7", "agent": "Mozilla/5.0", "result": result,
        })
        for number, (at, login, account, grant, result) in enumerate(accesses, start=1)
    ]  # fmt: skip
    (support / "staff_access-2026.jsonl").write_text("\n".join(lines) + "\n")
    signs = [
        json.dumps({
            "id": f"si-{number}", "time": f"2026-08-0{number}T09:00:00Z", "seq": number, "action": "sign_in", "result": result, "why": None, "user": "eve@client.example",
            "account": "acct-1", "session": session, "mfa": True, "ip": "198.51.100.9", "agent": "Mozilla/5.0",
        })
        for number, (result, session) in enumerate([("success", "s-1"), ("failure", None)], start=1)
    ]  # fmt: skip
    (product / "sign_in-2026.jsonl").write_text("\n".join(signs) + "\n")
    for place, name, count in ((support, "staff_access-2026.jsonl", len(lines)), (product, "sign_in-2026.jsonl", len(signs))):
        (place / "manifest.csv").write_text(MANIFEST + f"{name},{drawn},2026-01-01T00:00:00Z,{drawn[:10]}T00:00:00Z,{count}\n")
    return folder


def audit(*words: object) -> int:
    """Runs one command of the command line."""
    return cli.main([str(word) for word in words])
