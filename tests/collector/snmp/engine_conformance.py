"""What an engine does against a real snmpd, and against agents that are wrong or hostile: every one says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from collector.secret import Secret
from collector.snmp.mibs.if_mib import Interface
from collector.snmp.mibs.snmpv2_mib import Engine, System
from collector.snmp.pace import Pace
from collector.snmp.session import Community, Denied, Garbled, Session, Silent, TooBig, User
from collector.snmp.syntax import text
from collector.snmp.table import rows, scalars
from collector.snmp.walk import Failed, Walk
from tests.collector.snmp.agents import END, Agent, free_port, ifdescr, octets

PUBLIC = Community(Secret("public"))
STRONG = User("strong", "sha256", Secret("strong-auth-password"), "aes128", Secret("strong-privacy-password"))
USERS = [
    STRONG,
    User("wide", "sha512", Secret("wide-auth-password"), "aes128", Secret("wide-privacy-password")),
    User("old", "md5", Secret("old-auth-password"), "des", Secret("old-privacy-password")),
    User("signed", "sha1", Secret("signed-auth-password")),
]
COLUMN = "1.3.6.1.2.1.2.2.1.2"

Make = Callable[..., Session]


class EngineConformance:
    """A class of tests for each engine."""

    engine: Make

    @pytest.fixture
    def make(self) -> Iterator[Make]:
        opened: list[Session] = []

        def session(port: int, login: Any = PUBLIC, seconds: float = 5.0) -> Session:
            opened.append(self.engine("127.0.0.1", port, login, seconds))
            return opened[-1]

        yield session
        for each in opened:
            each.close()

    def test_a_real_agent_is_read(self, make: Make, port: int) -> None:
        assert_read(make(port), PUBLIC)

    def test_a_wrong_community_is_silence(self, make: Make, port: int) -> None:
        with pytest.raises(Silent):
            make(port, Community(Secret("wrong")), 0.2).get(["1.3.6.1.2.1.1.1.0"])

    def test_a_value_that_is_not_there_is_none_or_left_out(self, make: Make, port: int) -> None:
        found = make(port).get(["1.3.6.1.2.1.1.5.0", "1.3.6.1.9.9.9.0"])

        assert text(found["1.3.6.1.2.1.1.5.0"]) == "recorder"
        assert found.get("1.3.6.1.9.9.9.0") is None

    def test_a_column_comes_in_responses(self, make: Make) -> None:
        with Agent(lambda oid, most: ifdescr(60, after=oid, most=most)) as agent:
            column = make(agent.port).columns([COLUMN])
            found = []
            while not column.ended:
                found += column.next(25)

        assert [len(each) for each in found] == [25, 25, 10]
        assert found[0][0] == ("1", b"port 1")
        assert [most for _, most in agent.asked] == [25, 25, 25]

    def test_an_answer_from_another_port_is_none(self, make: Make) -> None:
        with Agent(lambda oid, most: ifdescr(5, after=oid, most=most), from_port=free_port()) as agent:
            with pytest.raises(Silent):
                make(agent.port, seconds=0.3).columns([COLUMN]).next(25)
            assert agent.asked

    def test_an_answer_to_another_question_is_none(self, make: Make) -> None:
        with Agent(lambda oid, most: ifdescr(5, after=oid, most=most)) as agent:
            agent.change_id = 1
            with pytest.raises(Silent):
                make(agent.port, seconds=0.3).columns([COLUMN]).next(25)
            assert agent.asked

    def test_answers_to_another_question_do_not_make_the_time_for_one_longer(self, make: Make) -> None:
        with Agent(lambda oid, most: ifdescr(5, after=oid, most=most)) as agent:
            agent.change_id, agent.again, agent.most_again = 1, 0.1, 100
            column = make(agent.port, seconds=0.5).columns([COLUMN])
            with pytest.raises(Silent):
                column.next(25)
            assert 0 < agent.sent_again < agent.most_again
            agent.change_id, agent.most_again = 0, 0
            for _ in range(20):
                try:
                    found = column.next(25)
                    break
                except Silent:  # a busy machine
                    continue

        assert len(found[0]) == 5

    def test_a_silent_agent_may_be_asked_again(self, make: Make) -> None:
        answers = iter([False, True])
        with Agent(lambda oid, most: ifdescr(5, after=oid, most=most) if next(answers) else None) as agent:
            column = make(agent.port, seconds=0.3).columns([COLUMN])
            with pytest.raises(Silent):
                column.next(25)
            assert len(column.next(25)[0]) == 5

    def test_too_big_and_refused(self, make: Make) -> None:
        with Agent(lambda oid, most: 1 if most > 1 else ifdescr(5, after=oid, most=1)) as agent, pytest.raises(TooBig):
            make(agent.port).columns([COLUMN]).next(25)
        with Agent(lambda _, __: 16) as agent, pytest.raises(Denied):
            make(agent.port).columns([COLUMN]).next(25)
        with Agent(lambda _, __: 5) as agent, pytest.raises(Garbled):
            make(agent.port).columns([COLUMN]).next(25)

    def test_an_error_within_a_column_is_no_end(self, make: Make) -> None:
        """Taken for an end, it would be the witness for the removal of all that was not read."""
        errors = iter([False, True, True])
        with Agent(lambda oid, most: 5 if next(errors) else ifdescr(60, after=oid, most=most)) as agent:
            column = make(agent.port).columns([COLUMN])
            assert len(column.next(25)[0]) == 25
            with pytest.raises(Garbled):
                column.next(25)

    def test_the_end_of_all_that_an_agent_has_is_the_end_of_its_last_column(self, make: Make) -> None:
        def say(oid: str, most: int) -> list[tuple[str, Any]]:
            found = ifdescr(5, after=oid, most=most)
            return [*[row for row in found if row[0].startswith(COLUMN)], (oid, END)][:most]

        with Agent(say) as agent:
            column = make(agent.port).columns([COLUMN])
            assert len(column.next(25)[0]) == 5
            while not column.ended:
                assert column.next(25) == [[]]

    @pytest.mark.parametrize("most", [25, 1])
    def test_an_answer_without_a_value_is_no_end(self, make: Make, most: int) -> None:
        """An agent answers so where not one value has room (RFC 3416 section 4.2.3)."""
        with Agent(lambda _, __: []) as agent:
            column = make(agent.port).columns([COLUMN])
            with pytest.raises(TooBig):
                column.next(most)
            assert not column.ended

    @pytest.mark.parametrize("before", [0, 3], ids=["at its start", "behind rows"])
    @pytest.mark.parametrize("back", ["1.3.6.1.2.1.2.2.1.1.1", "1.3.6.1.2.1.1.1.0"])
    def test_an_agent_that_goes_back_has_not_ended_the_column(self, make: Make, before: int, back: str) -> None:
        """Taken for an end, it would be the witness for the removal of all that was not read."""

        def say(oid: str, most: int) -> list[tuple[str, Any]]:
            return [*ifdescr(60, after=oid, most=before), (back, octets(b"x"))]

        with Agent(say) as agent, pytest.raises(Garbled):
            make(agent.port).columns([COLUMN]).next(25)

    def test_an_agent_that_goes_back_within_the_column_is_told_as_it_came(self, make: Make) -> None:
        said = [(f"{COLUMN}.{n}", octets(b"x")) for n in (9, 10, 5, 300, 2)]
        with Agent(lambda _, __: said) as agent:
            (found,) = make(agent.port).columns([COLUMN]).next(25)

        assert [instance for instance, _ in found] == ["9", "10", "5", "300", "2"]

    def test_an_error_in_the_place_of_a_value_is_no_absence(self, make: Make) -> None:
        with Agent(lambda _, __: 5) as agent, pytest.raises(Garbled):
            make(agent.port).get(["1.3.6.1.2.1.1.5.0"])

    @pytest.mark.parametrize("said", [["1.3.6.1.2.1.1.1.0"], ["1.3.6.1.2.1.1.4.0"], []], ids=["one", "another", "none"])
    def test_an_answer_without_what_was_asked_is_no_absence(self, make: Make, said: list[str]) -> None:
        with Agent(lambda _, __: [(oid, octets(b"x")) for oid in said]) as agent, pytest.raises(Garbled):
            make(agent.port).get(["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0"])

    def test_garbage_is_no_answer(self, make: Make) -> None:
        with Agent(lambda _, __: b"\x30\x82\xff\xff garbage") as agent, pytest.raises((Garbled, Silent)):
            make(agent.port, seconds=0.3).columns([COLUMN]).next(1)

    def test_a_value_of_every_octet(self, make: Make) -> None:
        every = bytes(range(256))
        with Agent(lambda _, __: [(f"{COLUMN}.1", octets(every)), ("1.3.6.1.2.1.2.2.1.3.1", octets(b""))]) as agent:
            assert make(agent.port).columns([COLUMN]).next(25) == [[("1", every)]]


class UserConformance(EngineConformance):
    """Of engines that speak SNMPv3 too."""

    @pytest.mark.parametrize("login", USERS, ids=lambda login: login.name)
    def test_a_real_agent_lets_a_user_in(self, make: Make, port: int, login: User) -> None:
        assert_read(make(port, login), login)

    @pytest.mark.parametrize(
        "login",
        [
            User("strong", "sha256", Secret("another password"), "aes128", Secret("strong-privacy-password")),
            User("nobody", "sha256", Secret("strong-auth-password"), "aes128", Secret("strong-privacy-password")),
            User("strong", "sha256", Secret("strong-auth-password")),
        ],
        ids=["password", "user", "level"],
    )
    def test_a_user_that_is_not_let_in_is_told_so(self, make: Make, port: int, login: User) -> None:
        with pytest.raises((Denied, Failed)) as caught:
            Walk(make(port, login)).scalars(System)

        assert getattr(caught.value, "outcome", "denied") == "denied"


def assert_read(session: Session, login: Community | User) -> None:
    """A real agent tells what it should."""
    walk = Walk(session, Pace(2000))

    answers = walk.scalars(System, Engine)
    found = rows(Interface, walk.table(Interface))

    said = scalars(System, answers)
    assert (said.name, said.location, said.object_id) == ("recorder", "a shelf", "1.3.6.1.4.1.8072.3.2.10")
    assert "lo" in {port.description for port in found}
    assert all(port.mtu for port in found)
    assert session.engine_id == (b"" if login is PUBLIC else scalars(Engine, answers).id)
