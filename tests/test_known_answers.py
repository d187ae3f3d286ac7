"""Real logs whose answers others have given: our loader agrees with them, but for what `queries/sources/differences.toml` lists with its reason.

The docs of the formats show the same list (test_docs.py).
"""

import json
import tarfile
from datetime import datetime
from pathlib import Path

import pytest

from audit_lib import formats, load, sql, store
from audit_lib.project import read_project

SHARED = Path(__file__).parents[2] / "shared" / "data"
PROXIES = '[addresses]\nown_proxies = ["10.0.0.0/14", "10.225.0.0/16", "172.16.0.0/12"]\n'


def needs(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (SHARED / name).exists(), reason=f"needs ../shared/data/{name}, which this checkout lacks")


def load_files(folder: Path, files: dict[str, Path], settings: str = 'time_zone = "UTC"\nyear = 2026\n') -> "Loaded":
    """Loads each file as a log of its own provider, so that lines which two files share count in both."""
    (folder / "inputs").mkdir(parents=True)
    rules = []
    for number, (name, path) in enumerate(files.items()):
        place = f"inputs/{number:03}/{path.name}"
        (folder / place).parent.mkdir()
        (folder / place).write_bytes(path.read_bytes())
        rules.append(f'[[inputs]]\nfiles = "{place}"\nprovider = "{name}"\n{settings}')
    (folder / "audit.toml").write_text(f'[company]\nname = "X"\n{PROXIES}{"".join(rules)}')
    load.load(read_project(folder))
    return Loaded(store.open_store(folder / "store.duckdb"))


class Loaded:
    """What a store holds of each file, by its provider."""

    def __init__(self, connection):
        self.connection = connection
        self.formats = dict(self.rows("select part, format from loads"))
        self.events: dict[str, dict[int, dict]] = {}
        names = (
            "event_provider line event_time event_action event_outcome user_id user_effective_id source_ip user_agent http_method url_path http_status".split()
        )
        for row in self.rows(f"select {', '.join(names)} from access_events order by line, event_id desc"):
            event = dict(zip(names, row, strict=True))
            self.events.setdefault(event["event_provider"], {})[event["line"]] = event

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def total(self, column: str, part: str) -> int:
        return self.rows(f"select {column} from loads where part = '{part}'")[0][0]


ANSWERS, DIFFERENCES = formats.read_differences(sql.roots())


def listed(answers: str) -> set[tuple[str, int, str]]:
    """File, line and field of each known difference to these answers; field `record`: no event is made of the line."""
    found = [(one.file, number, one.field) for one in DIFFERENCES if one.answers == answers for number in one.numbers()]
    assert len(found) == len(set(found)), "a difference is listed twice"
    return set(found)


def compare(loaded: Loaded, answers: dict[tuple[str, int], dict]) -> tuple[set[tuple[str, int, str]], int]:
    """What differs between the events and others' answers to the same lines, and how many fields were compared."""
    found, fields = set(), 0
    for (name, line), answer in answers.items():
        event = loaded.events.get(name, {}).get(line)
        if event is None:
            found.add((name, line, "record"))
            continue
        fields += len(answer)
        found |= {(name, line, field) for field, said in answer.items() if event[field] != said}
    return found, fields


def check_fates(loaded: Loaded, answers: str) -> None:
    """Lines of which no event is made are ignored or quarantined in the store for the reason that is listed, by the listed format."""
    quarantined = {(part, line): reason for part, line, reason in loaded.rows("select part, q.line, reason from quarantine as q join loads using (load_id)")}
    ignored = {(part, reason): count for part, reason, count in loaded.rows("select part, reason, i.rows from ignored as i join loads using (load_id)")}
    for one in DIFFERENCES:
        if one.answers == answers:
            assert loaded.formats[one.file] == one.format
            assert (one.field == "record") == (one.fate is not None)
            if one.fate == "quarantined":
                assert {quarantined.get((one.file, line)) for line in one.numbers()} == {one.ours}
            if one.fate == "ignored":
                assert ignored[one.file, one.ours] >= len(one.numbers())


# beats_apache2: Elastic's Filebeat ----------------------------------------------------------------------------------

BEATS = {  # file: format that we take it for
    "apache/access/darwin-2.4.23.log": "apache_common",
    "apache/access/test-vhost.log": "apache_vhost",
    "apache/access/test.log": "apache_vhost",
    "apache/access/ubuntu-2.2.22.log": "web_combined",
    "haproxy/log/default.log": "haproxy_http",
    "haproxy/log/haproxy.log": "haproxy_http",
    "haproxy/log/httplog-no-headers.log": "haproxy_http",
    "haproxy/log/tcplog.log": "haproxy_http",
    "iis/access/test-iis-7.2.log": "iis_w3c",
    "iis/access/test-iis-7.5.log": "iis_w3c",
    "iis/access/test-ipv6zone.log": "iis_w3c",
    "iis/access/test-x-forward-for-extended.log": "iis_w3c",
    "iis/access/test-x-forward-for.log": "iis_w3c",
    "iis/access/test.log": "iis_w3c",
    "iis/error/iis_error_url.log": "iis_w3c",
    "iis/error/ipv6_zone_id.log": "iis_w3c",
    "iis/error/test.log": "iis_w3c",
    "nginx/access/access.log": "apache_vhost",
    "nginx/access/test-with-host.log": "nginx_forwarded",
    "nginx/access/test.log": "nginx_forwarded",
    "nginx/ingress_controller/test.log": "nginx_ingress",
    "system/auth/auth-ubuntu1204.log": "sshd_syslog",
    "system/auth/secure-rhel7.log": "sshd_syslog",
    "system/auth/test.log": "sshd_syslog",
    "system/auth/timestamp.log": "sshd_syslog",
    "traefik/access/test.log": "traefik_clf",
}
NOT_READ = {  # files of the folder that are in none of our formats: no log of accesses
    "apache/access/ssl-request.log": "no status and no user; the same requests stand in the access log",
    "apache/error": "error log", "nginx/error": "error log", "system/syslog": "messages of programs",
}  # fmt: skip


def beats_answer(document: dict) -> dict:
    """The fields of an expected document that we load too; `-` is none, and the query is no part of our path."""
    answer = {"source_ip": document.get("source.address", document.get("source.ip")), "user_id": document.get("user.name")}
    if "@timestamp" in document:
        answer["event_time"] = datetime.fromisoformat(document["@timestamp"].replace("Z", "+00:00"))
    if "event.outcome" in document:
        answer["event_outcome"] = document["event.outcome"]
    if document["event.dataset"] == "system.auth":
        answer["user_effective_id"] = document.get("user.effective.name")
        answer["event_action"] = "sign_in" if document.get("event.action") == "ssh_login" else "switch_user"
    else:
        answer |= {"http_method": document.get("http.request.method"), "http_status": document.get("http.response.status_code")}
        answer |= {"user_agent": document.get("user_agent.original"), "url_path": (document.get("url.original") or "").split("?")[0] or None}
    return {field: None if value == "-" else value for field, value in answer.items()}


@needs("beats_apache2")
def test_filebeat_reads_the_same(tmp_path):
    """Time, address, user, action and outcome of all documents are as Filebeat has them, but for those listed above."""
    root = SHARED / "beats_apache2"
    here = {path.relative_to(root).as_posix().removesuffix("-expected.json") for path in root.rglob("*-expected.json")}
    assert not {name for name in here - set(BEATS) if name not in NOT_READ and name.rsplit("/", 1)[0] not in NOT_READ}
    loaded = load_files(tmp_path / "company", {name: root / name for name in BEATS})
    assert loaded.formats == BEATS
    assert loaded.rows("select sum(rows_quarantined)::bigint from loads") == [(0,)]
    answers = {}
    for name in BEATS:
        text = (root / name).read_bytes()
        for document in json.loads((root / f"{name}-expected.json").read_text()):
            line = text[: document["log.offset"]].count(b"\n") + 1
            answers[name, line] = beats_answer(document)
            if document.get("event.action") == "ssh_login" and line not in loaded.events[name]:
                assert document["system.auth.ssh.event"] == "Invalid"
    found, fields = compare(loaded, answers)
    assert found == listed("beats_apache2")
    check_fates(loaded, "beats_apache2")
    differing = sum(field != "record" for _, _, field in found)
    assert differing <= 0.005 * fields  # 0.28 %
    assert ANSWERS["beats_apache2"]["documents"] == len(answers) == 358
    assert ANSWERS["beats_apache2"]["loaded"] == len(answers) - (len(found) - differing) == 208
    assert (ANSWERS["beats_apache2"]["fields"], differing) == (fields, 4) == (1425, 4)


# crowdsec_hub: CrowdSec's parsers -----------------------------------------------------------------------------------

CROWDSEC = {  # folder: our format
    "apache2-logs": "apache_vhost", "apache2-malformed": "web_combined", "caddy-logs": "caddy_json", "haproxy-logs": "haproxy_http",
    "nginx-http-malformed": "web_combined", "nginx_http-logs": "apache_vhost", "sshd-invalid-bf": "sshd_syslog", "sshd-logs": "sshd_syslog",
    "sshd-success-logs": "sshd_syslog",
}  # fmt: skip
CROWDSEC_NOT_READ = {  # folders with answers that are in none of our formats
    "authelia-logs": "messages of Authelia", "keycloak-logs": "messages of Keycloak", "iis-xml-logs": "Windows events as XML",
    "nginx_req_limit_exceeded": "error log",
}  # fmt: skip


def crowdsec_answer(parsed: dict, moment: str | None) -> dict:
    """The fields that we load too; times are CrowdSec's whole seconds, where it read one with its year."""
    meta = parsed["Meta"]
    answer = {"source_ip": meta.get("source_ip")}
    if "http_status" in meta:
        answer |= {"http_status": int(meta["http_status"]), "http_method": meta.get("http_verb"), "user_agent": meta.get("http_user_agent")}
        answer["url_path"] = meta["http_path"].split("?")[0]
    else:
        answer |= {"user_id": meta.get("user") or meta.get("target_user"), "event_outcome": "success" if meta["log_type"] == "auth_success" else "failure"}
    answer = {field: None if value in ("-", "") else value for field, value in answer.items()}
    return answer | ({"event_time": datetime.fromisoformat(moment.replace("Z", "+00:00"))} if moment else {})


@needs("crowdsec_hub")
def test_crowdsec_reads_the_same(tmp_path):
    """Address, user, method, path, status, agent and outcome are as CrowdSec has them, but for those listed above."""
    root = SHARED / "crowdsec_hub"
    assert {path.parent.name for path in root.glob("*/PARSED.json")} == set(CROWDSEC) | set(CROWDSEC_NOT_READ)
    loaded = load_files(tmp_path / "company", {name: next((root / name).glob("*.log")) for name in CROWDSEC})
    assert loaded.formats == CROWDSEC
    told = {}
    for name in CROWDSEC:
        lines = [line.strip() for line in next((root / name).glob("*.log")).read_text().split("\n")]
        answers = json.loads((root / name / "PARSED.json").read_text())
        parser = next(key for key in answers if key.endswith(("-logs", "-success-logs")) and not key.endswith("/http-logs"))
        place = 0
        for key, parsed in answers[parser].items():
            place = next(at for at in range(place, len(lines)) if parsed["Parsed"]["message"].strip() in lines[at]) + 1
            moment = (answers.get("crowdsecurity/dateparse-enrich", {}).get(key, {}).get("Enriched") or {}).get("MarshaledTime")
            told[name, place] = crowdsec_answer(parsed, moment)
            if moment and (event := loaded.events[name].get(place)):
                event["event_time"] = event["event_time"].replace(microsecond=0)
    found, fields = compare(loaded, told)
    assert found == listed("crowdsec_hub")
    check_fates(loaded, "crowdsec_hub")
    differing = sum(field != "record" for _, _, field in found)
    expected = ANSWERS["crowdsec_hub"]
    assert (expected["documents"], expected["loaded"], expected["fields"]) == (len(told), len(told) - (len(found) - differing), fields)
    assert (len(told), len(found) - differing, differing) == (88, 34, 30)
    assert {field for _, _, field in found} == {"record", "url_path", "http_status"}  # none in time, address, user, action or outcome


# plaso_testlogs: counts of Plaso's own tests ------------------------------------------------------------------------

PLASO = {  # file: our format, events that Plaso's own tests count, ours
    "apache_access.log": ("apache_vhost", 14, 15),
    "aws_elb_access.log": ("aws_alb", 16, 10),
    "aws_cloudtrail.jsonl": ("cloudtrail", 6, 6),
    "iis10.log": ("iis_w3c", 1, 1),
    "iis10_cookies.log": ("iis_w3c", 3, 3),
    "iis10_edge_cases.log": ("iis_w3c", 15, 15),  # a later version of the file has one line more
    "iis6.log": ("iis_w3c", 12, 12),
    "iis7_owa.log": ("iis_w3c", 3, 3),
    "iis7_sqli.log": ("iis_w3c", 2, 2),
    "iis_without_date.log": ("iis_w3c", 11, 11),
    "microsoft_audit_log.jsonl": ("m365_unified_audit", 4, 4),
    "syslog_ssh.log": ("sshd_syslog", 9, 7),
}
PLASO_SILENT = {  # syslog files that tell of no access: messages that Plaso counts, how many we ignore and quarantine
    "syslog_chromeos": (8, 8, 1),  # one message goes over two lines: the second has no time
    "syslog_cron.log": (9, 9, 0),
    "syslog_rsyslog": (5, 5, 0),
    "syslog_rsyslog_SyslogProtocol23Format": (9, 9, 1),
}


@needs("plaso_testlogs")
def test_plaso_counts_the_same(tmp_path):
    """Each odd little file gives as many events as Plaso finds in it, but for the lines that are listed."""
    root = SHARED / "plaso_testlogs"
    loaded = load_files(tmp_path / "company", {name: root / name for name in [*PLASO, *PLASO_SILENT]})
    totals = {part: tuple(counts) for part, *counts in loaded.rows("select part, rows_read, rows_loaded, rows_ignored, rows_quarantined from loads")}
    found = {(one.file, one.fate): len(one.numbers()) for one in DIFFERENCES if one.answers == "plaso_testlogs"}
    for name, (kind, theirs, ours) in PLASO.items():
        assert (loaded.formats[name], totals[name][1]) == (kind, ours)
        more, fewer = found.pop((name, "loaded"), 0), found.pop((name, "quarantined"), 0)
        fewer += found.pop((name, "ignored"), 0)
        assert ours == theirs + more - fewer, name
    assert found == {}
    check_fates(loaded, "plaso_testlogs")
    for name, (theirs, ignored, quarantined) in PLASO_SILENT.items():
        assert totals[name] == (ignored + quarantined, 0, ignored, quarantined) and theirs == ignored, name
    assert loaded.rows("select line, http_method, url_path, user_agent from access_events where event_provider = 'apache_access.log' and line in (8, 13)") == [
        (8, "GET", "/scripts/grok-py-test/configlib.py", None),
        (13, "GET", "/aaaa.xxxx/SomeText", None),
    ]


@needs("plaso_testlogs")
def test_the_classic_load_balancers_lines_load_from_a_file_of_their_own(tmp_path):
    """Two requests, and two connections without one, which are ignored; among lines of another kind of load balancer they are quarantined."""
    lines = (SHARED / "plaso_testlogs" / "aws_elb_access.log").read_bytes().splitlines(keepends=True)
    (tmp_path / "classic.log").write_bytes(b"".join(lines[10:14]))
    loaded = load_files(tmp_path / "company", {"classic": tmp_path / "classic.log"})
    assert loaded.rows("select format, rows_read, rows_loaded, rows_ignored from loads") == [("aws_elb_classic", 4, 2, 2)]


# honeypot_heralding and msticpy_logons ------------------------------------------------------------------------------


@pytest.mark.slow
@needs("honeypot_heralding")
def test_all_sessions_of_a_honeypot_are_there(tmp_path):
    """82,393 sessions of 1,101 addresses with 1,261 attempts, and a gap of 42 d 22:34."""
    raw = tmp_path / "heralding_82k_raw.json"
    with tarfile.open(SHARED / "honeypot_heralding" / "heralding_82k_raw.json.tar.gz") as archive:
        raw.write_bytes(archive.extractfile("heralding_82k_raw.json").read())
    loaded = load_files(tmp_path / "company", {"honeypot": raw}, settings="")
    assert loaded.formats == {"honeypot": "heralding_json"}
    assert loaded.rows("select rows_read, rows_loaded, events_loaded, rows_duplicate + rows_ignored + rows_quarantined from loads") == [
        (82393, 82393, 83654, 0)
    ]
    assert loaded.rows("select event_action, event_outcome, count(*) from access_events group by all order by all") == [
        ("session_start", "success", 82393),
        ("sign_in", "failure", 1261),
    ]
    assert loaded.rows("select count(distinct source_ip) from access_events") == [(1101,)]
    gaps = "select event_time - lag(event_time) over (order by event_time) as gap from access_events where event_action = 'session_start'"
    assert [str(gap)[:15] for (gap,) in loaded.rows(f"select max(gap) from ({gaps})")] == ["42 days, 22:34:"]
    top = "select source_ip, count(*) as attempts from access_events where event_action = 'sign_in' and event_reason = 'by vnc' group by all order by attempts desc limit 1"
    assert loaded.rows(top) == [("185.56.83.110", 605)]


@needs("msticpy_logons")
def test_windows_logons_are_as_their_table_says(tmp_path):
    """25 logons, all of them granted, and those of service accounts told apart from people's."""
    path = SHARED / "msticpy_logons" / "host_logons.csv"
    loaded = load_files(tmp_path / "company", {"windows": path}, settings="")
    assert loaded.formats == {"windows": "windows_logons"}
    assert loaded.rows("select rows_read, rows_loaded from loads") == [(25, 25)]
    assert loaded.rows("select count(*) from access_events where event_action = 'sign_in' and event_outcome = 'success'") == [(25,)]


@needs("msticpy_logons")
def test_entra_sign_ins_are_as_their_table_says(tmp_path):
    """86 rows from 6 addresses, of which 41 repeat the id of another: 45 sign-ins, one of them (told twice) failed."""
    loaded = load_files(tmp_path / "company", {"entra": SHARED / "msticpy_logons" / "aad_logons.csv"})
    assert loaded.formats == {"entra": "entra_sign_ins_csv"}
    assert loaded.rows("select rows_read, rows_loaded, rows_duplicate, rows_quarantined from loads") == [(86, 45, 41, 0)]
    assert loaded.rows("select event_outcome, count(*) from access_events group by all order by all") == [("failure", 1), ("success", 44)]
    assert loaded.rows("select count(distinct source_ip) from access_events") == [(6,)]
