from __future__ import annotations

from dataclasses import replace

from collector.ssh.known_hosts import KnownHosts
from collector.ssh.pool import SessionPool
from collector.ssh.session import connect
from tests.collector.ssh.conftest import Site


def test_a_session_that_was_given_is_taken_again_for_the_same_target_only(at_site: Site, known: KnownHosts) -> None:
    pool = SessionPool()
    target = at_site.target()
    session = connect(target, [at_site.by_key()], known)

    pool.give(session)

    assert pool.take(replace(target, zone="elsewhere")) is None
    assert pool.take(replace(target, port=2222)) is None
    taken = pool.take(target)
    assert taken is session
    assert taken.execute("echo again", b"", limit=100, seconds=20).stdout == b"again\n"
    assert pool.take(target) is None
    pool.give(taken)
    pool.close()
    assert not session.alive


def test_a_dead_session_is_not_handed_out(at_site: Site, known: KnownHosts) -> None:
    pool = SessionPool()
    session = connect(at_site.target(), [at_site.by_key()], known)
    pool.give(session)

    session.close()

    assert pool.take(at_site.target()) is None


def test_few_are_kept_and_not_for_ever(at_site: Site, known: KnownHosts) -> None:
    targets = [at_site.target(user=f"u{n}") for n in range(3)]
    sessions = [connect(target, [at_site.by_key()], known) for target in targets]
    pool, stale = SessionPool(most=2), SessionPool(idle_seconds=0.0)

    for session in sessions:
        pool.give(session)

    assert [session.alive for session in sessions] == [False, True, True]
    assert pool.take(targets[0]) is None
    stale.give(sessions[1])
    assert stale.take(targets[1]) is None
    pool.close()
    stale.close()
    late = connect(at_site.target(), [at_site.by_key()], known)
    pool.give(late)
    assert not late.alive
