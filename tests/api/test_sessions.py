"""Browser sessions and one-time codes."""

from __future__ import annotations

from api import sessions
from api.caller import Caller
from api.sessions import CODE_SECONDS, Sessions
from cmdb.model.times import SECOND

JOE = Caller("joe", ("reader",))


class Clock:
    now = 0

    def __call__(self) -> int:
        return self.now


def test_a_code_signs_in_once() -> None:
    own = Sessions(Clock(), 1)
    code = own.code(JOE)

    id_ = own.redeem(code)

    assert id_ is not None
    found = own.get(id_)
    assert found is not None
    assert found.caller == JOE
    assert own.redeem(code) is None
    assert own.redeem("unknown") is None


def test_a_code_and_a_session_end_with_time() -> None:
    clock = Clock()
    own = Sessions(clock, 1)
    code, id_ = own.code(JOE), own.begin(JOE)

    clock.now = CODE_SECONDS * SECOND
    assert own.redeem(code) is None
    assert own.get(id_) is not None
    clock.now = 3600 * SECOND
    assert own.get(id_) is None


def test_a_session_ends_by_signing_out_and_with_the_token_that_began_it() -> None:
    own = Sessions(Clock(), 1)
    valid = [True]
    one, other = own.begin(JOE), own.begin(JOE, lambda: valid[0])

    own.end(one)
    assert own.get(one) is None
    assert own.get(other) is not None
    valid[0] = False
    assert own.get(other) is None


def test_sessions_differ_and_so_do_their_csrf_tokens() -> None:
    own = Sessions(Clock(), 1)
    one, other = own.get(own.begin(JOE)), own.get(own.begin(JOE))
    assert one is not None
    assert other is not None
    assert one.csrf != other.csrf


def test_the_oldest_session_ends_where_there_are_too_many() -> None:
    own = Sessions(Clock(), 1)
    first = own.begin(JOE)
    for _ in range(sessions.MOST):
        last = own.begin(JOE)
    assert own.get(first) is None
    assert own.get(last) is not None
