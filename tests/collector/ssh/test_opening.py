"""What one sweep shares, put together over real SSH servers: signed in and looked at, or stopped with what was learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmdb.model.batch import decode
from collector.attempts import Attempts
from collector.credentials import Credentials
from collector.deadlines import Deadlines
from collector.offers import Offers
from collector.outcome import NO_CREDENTIAL, Stopped
from collector.runner import Reach
from collector.secret_refs import Secrets
from collector.ssh.hosts import Hosts, Reporting
from collector.ssh.opening import Opening, Settings, opening
from collector.target import Hop, Target
from collector.work import Guard, Job
from tests.collector.ssh.conftest import Site


def offers(folder: Path, text: str) -> Offers:
    file = folder / "credentials.toml"
    file.write_text(text)
    file.chmod(0o600)

    def no_vault() -> None:
        raise AssertionError("there is no vault")

    return Offers(Credentials.load(file), Attempts(folder / "state"), Secrets(no_vault))  # type: ignore[arg-type]


def root(site: Site) -> str:
    return f'[credential.root]\nuser = "root"\nkey = "{site.key.private}"\nranges = ["10.88.0.0/24"]\n'


def reporting() -> Reporting:
    return Reporting(lambda target: "ssh:1", lambda: 1, b"k" * 32)


def settings(folder: Path, kept: int = 0) -> Settings:
    return Settings(folder / "known_hosts", deadlines=Deadlines(), kept=kept)


def begun(made: Opening) -> tuple[Reach, Hosts]:
    return made.round("a" * 16, reporting())


def test_targets_that_answer_are_signed_in_to_and_told_whole(site: Site, tmp_path: Path) -> None:
    with site.near.network(), opening(settings(tmp_path), offers(tmp_path, root(site))) as made:
        reach, look = begun(made)
        ((target, connection),) = reach([site.target()])
        assert not isinstance(connection, Stopped)
        found = look(Job(1, target), connection, Guard())

    assert found.outcome.outcome == "done", found.outcome
    assert found.outcome.evidence.ssh_version.startswith("SSH-2.0-OpenSSH")
    assert decode(found.batch).header.marks["host_name"] == "far"
    assert (tmp_path / "known_hosts").read_text().startswith(site.far.address)


def test_without_a_credential_it_is_still_learned_who_is_there(site: Site, tmp_path: Path) -> None:
    nobody = '[credential.elsewhere]\nuser = "x"\nagent = true\nranges = ["192.0.2.0/24"]\n'
    with site.near.network(), opening(settings(tmp_path), offers(tmp_path, nobody)) as made:
        reach, look = begun(made)
        ((target, connection),) = reach([site.target()])
        assert not isinstance(connection, Stopped)
        with pytest.raises(Stopped) as stop:
            look(Job(1, target), connection, Guard())

    assert stop.value.outcome == NO_CREDENTIAL
    assert site.far.address in stop.value.reason
    assert "SHA256:" in stop.value.evidence.host_key


def test_a_target_behind_a_jump_host_is_looked_at_through_it(site: Site, tmp_path: Path) -> None:
    target = Target("behind", "127.0.0.1", 22, jumps=(Hop(site.far.address, 22),), host_key_alias="behind")
    both = root(site) + f'[credential.inner]\nuser = "root"\nkey = "{site.key.private}"\nranges = ["127.0.0.0/8"]\n'
    with site.near.network(), opening(settings(tmp_path), offers(tmp_path, both)) as made:
        reach, look = begun(made)
        ((found, connection),) = reach([target])
        assert not isinstance(connection, Stopped)
        looked = look(Job(1, found), connection, Guard())

    assert looked.outcome.outcome == "done", looked.outcome


def test_between_rounds_the_connection_stays_open_and_the_host_is_looked_at_each_time(
    site: Site, tmp_path: Path
) -> None:
    with site.near.network(), opening(settings(tmp_path, kept=8), offers(tmp_path, root(site))) as made:
        before = site.server.log().count("Accepted publickey")
        for _ in range(3):
            reach, look = begun(made)
            ((target, connection),) = reach([site.target()])
            assert not isinstance(connection, Stopped)
            assert look(Job(1, target), connection, Guard()).outcome.outcome == "done"
    assert site.server.log().count("Accepted publickey") == before + 1
