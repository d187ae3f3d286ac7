"""Real logs whose answers others have given: our loader agrees with them, and each difference is listed here with its reason."""

import json
import tarfile
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from audit_lib import load, store
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


def differences(name: str, event: dict, answer: dict, found: Counter) -> int:
    """Counts the fields in which an event is not as another's answer says; returns how many it says."""
    for field, said in answer.items():
        if event[field] != said:
            found[name, field] += 1
    return len(answer)


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
BEATS_DIFFERENCES = {
    # Filebeat takes the first public address of the list for the client, which the client itself can write. We take the
    # right-most that isn't one of our own proxies; where all are, the host that connected.
    ("nginx/access/test.log", "source_ip"): 2,
    ("nginx/access/test-with-host.log", "source_ip"): 2,
}
BEATS_NO_ACCESS = {  # documents that tell of no access of ours, by the reason for which we ignore their line
    "sshd: no attempt to sign in": 93,  # PAM, disconnects, "Invalid user": the attempt's own line is Accepted or Failed
    "sudo: goes with another line": 50,
    "groupadd: no sign-in": 1, "useradd: no sign-in": 1, "another program: no sign-in": 1,
    "a connection without a request": 2,
    "a connection, no request": 1, "a connection of a TCP service, no request": 1,
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
    found, fields, documents, silent = Counter(), 0, 0, Counter()
    for name in BEATS:
        text = (root / name).read_bytes()
        for document in json.loads((root / f"{name}-expected.json").read_text()):
            line = text[: document["log.offset"]].count(b"\n") + 1
            documents += 1
            if event := loaded.events.get(name, {}).get(line):
                fields += differences(name, event, beats_answer(document), found)
            else:
                silent[name] += 1
                if document.get("event.action") == "ssh_login":
                    assert document["system.auth.ssh.event"] == "Invalid"
    assert found == BEATS_DIFFERENCES
    assert sum(silent.values()) == sum(BEATS_NO_ACCESS.values())
    ignored = {reason for (reason,) in loaded.rows("select distinct reason from ignored")}
    assert set(BEATS_NO_ACCESS) <= ignored
    assert fields == 1425 and sum(found.values()) <= 0.005 * fields
    assert (documents, documents - sum(silent.values())) == (358, 208)


# crowdsec_hub: CrowdSec's parsers -----------------------------------------------------------------------------------

CROWDSEC = {  # folder: our format, events compared
    "apache2-logs": ("apache_vhost", 7),
    "apache2-malformed": ("web_combined", 11),
    "caddy-logs": ("caddy_json", 10),
    "haproxy-logs": ("haproxy_http", 2),
    "nginx-http-malformed": ("web_combined", 12),
    "nginx_http-logs": ("apache_vhost", 7),
    "sshd-logs": ("sshd_syslog", 1),
    "sshd-success-logs": ("sshd_syslog", 4),
}
CROWDSEC_DIFFERENCES = {
    # What was no HTTP (a TLS handshake, a worm's greeting) has no path: CrowdSec takes all of it for one, Filebeat nothing.
    ("apache2-malformed", "url_path"): 11,
    ("nginx-http-malformed", "url_path"): 12,
    # Caddy's 0 means that nothing was answered: no status.
    ("caddy-logs", "http_status"): 7,
}
CROWDSEC_NO_ACCESS = {  # lines that CrowdSec reads and we do not load
    "apache2-logs": 2,  # error log in the access log: quarantined
    "nginx_http-logs": 2,  # one of the error log, one that lacks the field of the user: quarantined
    "haproxy-logs": 2,  # failed handshakes: no request
    "sshd-logs": 22,  # connections that ended, "Invalid user", PAM: the attempt's own line is Accepted or Failed
    "sshd-invalid-bf": 6,
}


def crowdsec_answer(parsed: dict) -> dict:
    meta = parsed["Meta"]
    answer = {"source_ip": meta.get("source_ip")}
    if "http_status" in meta:
        answer |= {"http_status": int(meta["http_status"]), "http_method": meta.get("http_verb"), "user_agent": meta.get("http_user_agent")}
        answer["url_path"] = meta["http_path"].split("?")[0]
    else:
        answer |= {"user_id": meta.get("user") or meta.get("target_user"), "event_outcome": "success" if meta["log_type"] == "auth_success" else "failure"}
    return {field: None if value in ("-", "") else value for field, value in answer.items()}


@needs("crowdsec_hub")
def test_crowdsec_reads_the_same(tmp_path):
    """Address, user, method, path, status, agent and outcome are as CrowdSec has them, but for those listed above."""
    root = SHARED / "crowdsec_hub"
    folders = sorted(set(CROWDSEC) | set(CROWDSEC_NO_ACCESS))
    loaded = load_files(tmp_path / "company", {name: next((root / name).glob("*.log")) for name in folders})
    assert {name: loaded.formats[name] for name in CROWDSEC} == {name: kind for name, (kind, _) in CROWDSEC.items()}
    found, silent, compared = Counter(), Counter(), Counter()
    for name in folders:
        lines = [line.strip() for line in next((root / name).glob("*.log")).read_text().split("\n")]
        answers = json.loads((root / name / "PARSED.json").read_text())
        parser = next(key for key in answers if key.endswith(("-logs", "-success-logs")) and not key.endswith("/http-logs"))
        place = 0
        for parsed in answers[parser].values():
            place = (
                next(
                    at for at in range(place, len(lines)) if lines[at].endswith(parsed["Parsed"]["message"].strip()) or parsed["Parsed"]["message"] in lines[at]
                )
                + 1
            )
            if event := loaded.events.get(name, {}).get(place):
                differences(name, event, crowdsec_answer(parsed), found)
                compared[name] += 1
            else:
                silent[name] += 1
    assert compared == {name: count for name, (_, count) in CROWDSEC.items()}
    assert found == CROWDSEC_DIFFERENCES
    assert silent == CROWDSEC_NO_ACCESS


# plaso_testlogs: counts of Plaso's own tests ------------------------------------------------------------------------

PLASO = {  # file: our format, events, ignored, quarantined
    # Plaso: 14 events and a warning about the line that breaks off in the user agent; we load that one without it.
    "apache_access.log": ("apache_vhost", 15, 0, 0),
    # Ten lines of an Application, two and two connections of a Classic, two of a Network Load Balancer, in one file.
    "aws_elb_access.log": ("aws_alb", 10, 0, 6),
    "iis10.log": ("iis_w3c", 1, 4, 0),
    "iis10_cookies.log": ("iis_w3c", 3, 4, 0),
    "iis10_edge_cases.log": ("iis_w3c", 15, 4, 0),
    "iis6.log": ("iis_w3c", 12, 4, 0),
    "iis7_owa.log": ("iis_w3c", 3, 2, 0),
    "iis_without_date.log": ("iis_w3c", 11, 4, 0),
    # Plaso: seven sign-ins, of which two failed.
    "syslog_ssh.log": ("sshd_syslog", 7, 2, 0),
    "syslog_rsyslog_SyslogProtocol23Format": ("sshd_syslog", 0, 9, 1),
}


@needs("plaso_testlogs")
def test_plaso_counts_the_same(tmp_path):
    """Each odd little file gives the events that Plaso finds in it, and says why it does not load the rest."""
    loaded = load_files(tmp_path / "company", {name: SHARED / "plaso_testlogs" / name for name in PLASO})
    totals = loaded.rows("select part, format, rows_loaded, rows_ignored, rows_quarantined from loads")
    assert {part: tuple(counts) for part, *counts in totals} == PLASO
    assert loaded.rows("select line, http_method, url_path, user_agent from access_events where event_provider = 'apache_access.log' and line in (8, 13)") == [
        (8, "GET", "/scripts/grok-py-test/configlib.py", None),
        (13, "GET", "/aaaa.xxxx/SomeText", None),
    ]


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
