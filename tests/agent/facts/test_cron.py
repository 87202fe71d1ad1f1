"""What cron and anacron run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from agent.fact import (
    Collected,
    Content,
    Context,
    Digests,
    Fact,
    Failed,
    FileDigest,
    Files,
    Missing,
    NotApplicable,
    Outcome,
    ParseError,
)
from agent.facts import cron
from agent.facts.cron import parse, parse_anacron
from agent.run import needs_of
from tests.agent.supplied import made, recorded, run

SPOOL = "/var/spool/cron/crontabs"


def jobs(outcome: Outcome) -> dict[str, list[str]]:
    """Schedules by file, account and command."""
    assert isinstance(outcome, Collected), outcome
    return {f"{i.file} {i.user} {i.command}": i.schedules for i in outcome.items}  # type: ignore[attr-defined]


def tables(folder: str, **texts: str) -> dict[Files, dict[str, Content]]:
    found = {f"{folder}/{name}": Content(text.encode()) for name, text in texts.items()}
    return {Files(f"{folder}/*", 1024 * 1024): found}


def test_a_debian_has_jobs_of_the_system_of_accounts_of_folders_and_of_anacron() -> None:
    outcome = run(cron, recorded("debian12-cron"))

    found = jobs(outcome)
    assert found["/etc/crontab root cd / && run-parts --report /etc/cron.hourly"] == ["17 * * * *"]
    assert found["/etc/cron.d/e2scrub_all root test -e /run/systemd/system || SERVICE_MODE=1 /sbin/e2scrub_all -A -r"]
    assert found[f"{SPOOL}/alice alice sleep 60 && /home/alice/start"] == ["@reboot"]
    assert found["/etc/anacrontab root run-parts --report /etc/cron.weekly"] == ["every 7 days"]
    assert found["/etc/cron.daily root /etc/cron.daily/logrotate"] == ["daily"]
    assert not any("old.dpkg-dist" in key for key in found)
    assert [i.command for i in outcome.items if i.disabled] == ["/etc/cron.daily/off"]  # type: ignore[union-attr]


def test_secrets_and_what_a_command_reads_are_left_out() -> None:
    outcome = run(cron, recorded("debian12-cron"))

    text = repr(outcome)
    assert f"{SPOOL}/alice alice /usr/local/bin/poll --token *** >/dev/null 2>&1" in jobs(outcome)
    assert f'{SPOOL}/alice alice /usr/bin/mail -s "report for %V" boss' in jobs(outcome)
    assert "Tr0ub4dor" not in text
    assert "hunter2" not in text


def test_crontabs_of_red_hat_lie_in_the_folder_itself() -> None:
    found = jobs(run(cron, made(tables("/var/spool/cron", root="0 2 * * * /usr/bin/backup\n"))))

    assert found == {"/var/spool/cron/root root /usr/bin/backup": ["0 2 * * *"]}


def test_at_jobs_of_a_debian_which_hold_environments_are_not_asked_for() -> None:
    shell = made({"/etc/debian_version": "12\n", **tables(SPOOL, root="0 2 * * * /usr/bin/backup\n")})
    needs = needs_of(shell, [cast(Fact, cron)], Context())

    assert Files("/var/spool/cron/*", 1024 * 1024) not in needs
    assert Files("/var/spool/cron/*", 1024 * 1024) in needs_of(made({}), [cast(Fact, cron)], Context())


def test_alpine_s_crontabs_are_seen_once_though_a_link_leads_to_them() -> None:
    texts = {"root": "*/15\t*\t*\t*\t*\trun-parts /etc/periodic/15min\n", "cron.update": "root\n"}
    script = FileDigest("0" * 64, 1, 0o755, 0, 0, True)
    shell = made(
        {
            **tables("/etc/crontabs", **texts),
            **tables(SPOOL, **texts),
            Digests("/etc/periodic/daily/*"): {"/etc/periodic/daily/logrotate": script},
        }
    )

    assert jobs(run(cron, shell)) == {
        f"{SPOOL}/root root run-parts /etc/periodic/15min": ["*/15 * * * *"],
        "/etc/periodic/daily root /etc/periodic/daily/logrotate": ["daily"],
    }


def test_two_schedules_of_one_command_are_one_job() -> None:
    found = jobs(run(cron, made({"/etc/crontab": "1 * * * * root true\n5 * * * * root true\n"})))

    assert found == {"/etc/crontab root true": ["1 * * * *", "5 * * * *"]}


def test_a_line_ends_where_it_does_for_cron() -> None:
    (job,) = parse("0 1 * * * true \x0c not a line\r\n", "/var/spool/cron/crontabs/bob", "bob")

    assert job.command == "true \x0c not a line"


def test_what_an_account_may_write_is_read_in_proportion_to_its_length() -> None:
    settings = "".join(f"a{number}=\n" for number in range(50_000))
    times = "".join(f"{number} * * * * x\n" for number in range(5_000))
    blanks = f"MAILTO=a{' ' * 100_000}b\n"

    (job,) = cron.observe(parse(f"{settings}{blanks}{times}", "/var/spool/cron/crontabs/bob", "bob"))
    assert len(job.schedules or ()) == 5_000
    assert job.mail_to is not None


def test_debian_s_cron_skips_names_with_a_dot_and_cronie_only_copies() -> None:
    texts = {"/etc/cron.d/x.cron": Content(b"1 1 * * * root one\n"), "/etc/cron.d/x~": Content(b"1 1 * * * root two\n")}

    cronie = jobs(run(cron, made({cron._SYSTEM: texts})))
    assert cronie == {"/etc/cron.d/x.cron root one": ["1 1 * * *"]}
    assert isinstance(run(cron, made({cron._SYSTEM: texts, "/etc/debian_version": "12"})), NotApplicable)


def test_what_only_root_may_read_is_missing_for_a_user_and_a_failure_for_root() -> None:
    denied = {cron._OF_ACCOUNTS[0]: {SPOOL: Missing("denied", f"{SPOOL} may not be read")}}
    content: dict[Any, Any] = {"/etc/crontab": "1 * * * * root true\n", "/etc/debian_version": "12\n", **denied}

    assert jobs(run(cron, made(content, "user"))) == {"/etc/crontab root true": ["1 * * * *"]}
    assert isinstance(run(cron, made(content)), Failed)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-*/5 * * * * root quiet", ("root", "*/5 * * * *", "quiet")),
        ("0 0 1,15 JAN-jun mon root  two words", ("root", "0 0 1,15 JAN-jun mon", "two words")),
        ("@daily\troot\tA=1 b", ("root", "@daily", "A=1 b")),
        ("0~30 * * * * root random", ("root", "0~30 * * * *", "random")),
    ],
)
def test_lines_as_crons_take_them(line: str, expected: tuple[str, str, str]) -> None:
    [job] = parse(line, "/etc/crontab", None)

    assert (job.user, job.schedule, job.command) == expected


@pytest.mark.parametrize(
    "text", ["* * *", "\0\0", "@never root x", "1 * * * * root", "password hunter2 and so on x", "@daily"]
)
def test_a_line_of_another_kind_is_a_failure_that_shows_little_of_it(text: str) -> None:
    with pytest.raises(ParseError) as failed:
        parse(text, "/etc/crontab", None)
    assert len(str(failed.value)) < 200


@pytest.mark.parametrize("text", ["daily", "7 10 cron.weekly", "x 1 y z"])
def test_a_line_of_anacron_that_is_none_is_a_failure(text: str) -> None:
    with pytest.raises(ParseError):
        parse_anacron(text)


def test_a_host_without_cron_has_nothing_to_tell() -> None:
    assert isinstance(run(cron, made({})), NotApplicable)


@pytest.mark.shared
def test_a_foreign_crontab_is_read_as_another_parser_read_it(recordings: Path) -> None:
    folder = recordings / "ssh" / "centos-7.7"
    judged = json.loads((folder / "crontab.json").read_text())["schedule"]

    found = parse((folder / "crontab.out").read_text(), "/var/spool/cron/root", "root")

    assert {j.command for j in found} == {row["command"] for row in judged}
    plain = {j.command: j.schedule for j in found if not j.schedule.startswith("@")}
    fields = ("minute", "hour", "day_of_month", "month", "day_of_week")
    expected = {r["command"]: " ".join(",".join(r[f]) for f in fields) for r in judged if "minute" in r}
    assert plain == expected
