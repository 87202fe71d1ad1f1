"""Servers that the log goes to."""

from __future__ import annotations

from agent.fact import Collected, Content, Files
from agent.facts import log_targets
from agent.facts.log_targets import parse_rsyslog, parse_syslog_ng, parse_upload
from tests.agent.supplied import made, run


def test_rsyslog_in_the_old_form_and_in_rainerscript() -> None:
    text = """
*.* @10.0.0.1
*.info;mail.none @@log.example.org:6514;RSYSLOG_Format
#*.* @10.0.0.9
auth.* :omrelp:10.0.0.2:20514
*.* -/var/log/x
*.* action(type="omfwd" target="10.0.0.3" port="1514"
           protocol="tcp" action.resumeRetryCount="100")
action(type="omfile" file="/var/log/y")
"""

    assert [(t.protocol, t.shown) for t in parse_rsyslog(text, "/f")] == [
        ("udp", "10.0.0.1:514"),
        ("tcp", "log.example.org:6514"),
        ("tcp", "10.0.0.2:20514"),
        ("tcp", "10.0.0.3:1514"),
    ]


def test_syslog_ng_tells_destinations_from_sources() -> None:
    text = """
source s_net { network(ip("0.0.0.0") port(514)); };
destination d_one { network("10.0.0.1" port(601) transport("tls")); };
destination d_two { udp("10.0.0.2"); syslog("log.example.org" transport("udp") port(1601)); };
# destination d_old { tcp("10.0.0.9"); };
destination d_file { file("/var/log/x"); };
"""

    assert [(t.protocol, t.shown, t.evidence) for t in parse_syslog_ng(text, "/f")] == [
        ("tcp", "10.0.0.1:601", "/f:3"),
        ("udp", "10.0.0.2:514", "/f:4"),
        ("udp", "log.example.org:1601", "/f:4"),
    ]


def test_the_journal_is_uploaded_to_its_own_port() -> None:
    text = "[Upload]\n# URL=http://x\nURL=https://log.example.org\n"

    assert [t.shown for t in parse_upload(text, "/f")] == ["log.example.org:19532"]
    assert [t.shown for t in parse_upload("URL=http://10.0.0.1:8080\n", "/f")] == ["10.0.0.1:8080"]


def test_a_log_server_is_a_soft_dependency() -> None:
    outcome = run(log_targets, made({Files("/etc/rsyslog.conf"): {"/etc/rsyslog.conf": Content(b"*.* @@10.0.0.1\n")}}))

    assert isinstance(outcome, Collected)
    assert outcome.items[0].attributes() == {"log_targets": ["tcp 10.0.0.1:514"]}
    [edge] = outcome.relations
    assert edge.object == {"address": "10.0.0.1", "protocol": "tcp", "port": 514}
    assert edge.attributes == {"why": "log server", "evidence": "/etc/rsyslog.conf:1", "strength": "soft"}
