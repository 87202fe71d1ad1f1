"""Random histories, told to one store or to several at once: what sources report, send again, and people write.

A small estate, so that everything meets: three hosts, reported by up to four sources each, a few parts, and addresses that
wander from host to host. It begins with two hosts that talk to each other. Words are those that searching and ordering find
hard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from baselines import baseline, records
from cmdb import conflicts, merging, resolution, splitting
from cmdb.attribute_register import declare, remove
from cmdb.edit import Words, edit
from cmdb.model.batch import Section
from cmdb.model.errors import SurveymarkError
from cmdb.model.times import SECOND
from cmdb.model.values import digest
from cmdb.ports import Store
from tests.cmdb.building import (
    START,
    Receiver,
    Reporter,
    accounts,
    depends,
    failed,
    flows,
    marks_of,
    network,
    packages,
    raw,
    software,
    system,
)

HOSTS = ("web", "db", "büro-東京")
SOURCES = (("agent", "agent"), ("other", "agent"), ("sweep", "ssh"), ("people", "manual"))
"""(source, route)"""
WORDS = ("libssl3", "Ångström", "\U0001f40dpy", "\uff21wide", "lib ssl", "x" * 2100)
ADDRESSES = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1")
PORTS = (22, 5432)
EARLIER = 200
"""Numbers between one batch of a source and the next, for those that are long on their way."""

some_words = st.lists(st.sampled_from(WORDS), unique=True, max_size=3)
some_addresses = st.lists(st.sampled_from(ADDRESSES), unique=True, max_size=2)
some_listeners = st.lists(
    st.builds("{}:{}".format, st.sampled_from(("sshd", "pg")), st.sampled_from(PORTS)), unique=True, max_size=2
)
servers = st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(PORTS))
clients = st.tuples(st.sampled_from(("sshd", "pg")), st.sampled_from(ADDRESSES), st.sampled_from(PORTS))
privileges = st.sampled_from(("full", "full", "user"))


def _marks(host: str) -> dict[str, Any]:
    """Marks of which a serial number alone identifies too, so that the others can contradict."""
    return {**marks_of(host), "system_serial": f"Acme/X1/{digest(host)[:12]}"}


def _of_host(name: str, os: str | None, count: int | None) -> Section:
    given: dict[str, Any] = {"os": os, "cpu_count": count}
    return system(name, **{name: value for name, value in given.items() if value is not None})


def _software_and_flows(
    listening: Sequence[str], told: Sequence[tuple[str, str, int]], heard: Sequence[tuple[str, int]]
) -> list[Section]:
    """A flow names software and an endpoint of its own host, so those come in the same batch."""
    ports = {int(word.rpartition(":")[2]) for word in listening}
    there = {word.partition(":")[0] for word in listening}
    seen = flows(*[c for c in told if c[0] in there], heard=[h for h in heard if h[1] in ports])
    return [software(*listening, silent=[n for n in ("idle",) if n not in there]), seen]


def _with_readings(section: Section, uptime: int) -> Section:
    section.readings = {"items": [{"class": "Host", "key": ".", "readings": {"uptime_seconds": uptime}}]}
    return section


def _wrong(port: object) -> Section:
    item = {"class": "Endpoint", "key": "x", "attributes": {"port": port}}
    return raw("software", {"items": [item], "relations": []}, ["Endpoint"])


names = st.sampled_from(HOSTS)
one_section: st.SearchStrategy[list[Section]] = st.one_of(
    st.builds(
        lambda n, os, count: [_of_host(n, os, count)],
        names,
        st.sampled_from((None, "debian", "Alma")),
        st.sampled_from((None, 2)),
    ),
    st.builds(lambda n, uptime: [_with_readings(_of_host(n, None, 4), uptime)], names, st.integers(0, 9)),
    st.builds(lambda w, v, p: [packages(*w, version=v, privilege=p)], some_words, st.sampled_from("12"), privileges),
    st.builds(lambda w, p: [accounts(*w, privilege=p)], some_words, privileges),
    st.builds(lambda a, i: [network(*a, interface=i)], some_addresses, st.sampled_from(("eth0", "Eth1"))),
    st.builds(
        _software_and_flows, some_listeners, st.lists(clients, max_size=2, unique=True), st.lists(servers, max_size=1)
    ),
    st.builds(lambda s, why: [depends(*s, why=why)], st.lists(servers, max_size=2, unique=True), st.sampled_from("ab")),
    st.builds(
        lambda make, how: [failed(make(), outcome=how)],
        st.sampled_from((packages, accounts, network, software)),
        st.sampled_from(("failed", "not_applicable")),
    ),
    st.just([_wrong("80")]),
)


def _each_once(found: Sequence[Sequence[Section]]) -> list[Section]:
    return list({section.name: section for sections in found for section in sections}.values())


some_sections: st.SearchStrategy[list[Section]] = st.lists(one_section, min_size=1, max_size=4).map(_each_once)


class History(RuleBasedStateMachine):
    """A history, each step told to all stores; they must say the same.

    `told` is what was handed in since people last arranged something, `before` what was before that: it is told again as
    news, since whoever merges, parts or retires a host forgets what its sources said last.
    """

    def __init__(self, stores: Sequence[Store]) -> None:
        super().__init__()
        self.stores = stores
        self.everyone = [Receiver(store) for store in stores]
        self.reporters: dict[tuple[str, str], Reporter] = {}
        self.last: dict[tuple[str, str], list[Section]] = {}
        self.told: list[bytes] = []
        self.before: list[bytes] = []
        self.late: set[tuple[str, int]] = set()
        self.baselines = 0

    def teardown(self) -> None:
        for store in self.stores:
            store.close()

    def done(self, before: int) -> None:
        """Called after each step; `before` is the number of revisions until then."""

    def tell(self, act: Callable[[Receiver], Any]) -> Any:
        """Let all do it; what each says or raises is the same."""
        before = self.everyone[0].head()
        outcomes = [_outcome(act, one) for one in self.everyone]
        assert all(outcome == outcomes[0] for outcome in outcomes), outcomes
        self.done(before)
        return outcomes[0]

    def arranged(self, act: Callable[[Receiver], Any]) -> None:
        """Let people arrange something."""
        self.tell(act)
        self.before += self.told
        self.told.clear()

    def hand_in(self, data: bytes) -> Any:
        self.told.append(data)
        return self.tell(lambda one: one.take(data))

    def later(self, seconds: int) -> None:
        for one in self.everyone:
            one.now += seconds

    # -- sources -------------------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """Two hosts that two sources know, one of which asks the other; seen twice, a minute and a half apart."""
        web = [
            system("web", os="debian"),
            packages("libssl3", "lib ssl"),
            network("10.0.0.1"),
            *_software_and_flows(["sshd:22"], [("sshd", "10.0.0.2", 5432)], []),
            depends(("10.0.0.2", 5432), ("10.0.0.3", 22)),
        ]
        db = [system("db"), network("10.0.0.2"), *_software_and_flows(["pg:5432"], [], [("10.0.0.1", 5432)])]
        for _ in range(2):
            self.later(90)
            self._report("db", SOURCES[0], db)
            self._report("web", SOURCES[0], web)
        self._report("web", SOURCES[2], web[:3])

    @rule(
        host=st.sampled_from(HOSTS),
        source=st.sampled_from(SOURCES),
        sections=some_sections,
        passed=st.sampled_from((0, 1, 90, 7200)),
        late=st.sampled_from((0, 0, 30, 5000)),
    )
    def report(self, host: str, source: tuple[str, str], sections: list[Section], passed: int, late: int) -> None:
        """A source tells of a host, what it saw up to `late` seconds ago."""
        self.later(passed)
        self._report(host, source, sections, late)

    @rule(host=st.sampled_from(HOSTS[:2]), sections=some_sections)
    def report_what_changed(self, host: str, sections: list[Section]) -> None:
        """An agent tells of its host on time."""
        self.later(90)
        self._report(host, SOURCES[0], sections)

    @rule(host=st.sampled_from(HOSTS[:2]), section=one_section)
    def report_one_change(self, host: str, section: list[Section]) -> None:
        """All that an agent told before, but for one section."""
        self.later(90)
        self._report(host, SOURCES[0], _each_once([self.last[(host, SOURCES[0][0])], section]))

    @rule(data=st.data(), passed=st.sampled_from((0, 90)), how=st.sampled_from(("whole", "held", "same")))
    def report_as_before(self, data: st.DataObject, passed: int, how: str) -> None:
        """The sections as they were, or less than them where the receiver has the rest."""
        self.later(passed)
        host, name = data.draw(st.sampled_from(sorted(self.last)))
        sections = self.last[(host, name)]
        reporter = self.reporters[(host, name)]
        short: dict[str, Any] = {"same": how == "same"}
        if how == "held":
            short["held"] = {section.name: section.digest for section in sections}
        self.hand_in(reporter.batch(*sections, at=self.everyone[0].now, **short))

    @precondition(lambda self: bool(self.told))
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """A batch that was handed in before has no second effect."""
        batch = data.draw(st.sampled_from(self.told))
        before = self.everyone[0].head()
        self.tell(lambda one: one.take(batch))
        assert self.everyone[0].head() == before

    @rule(data=st.data(), sections=some_sections, back=st.integers(1, 3))
    def report_out_of_order(self, data: st.DataObject, sections: list[Section], back: int) -> None:
        """A batch that was long on its way."""
        reporter = self.reporters[data.draw(st.sampled_from(sorted(self.last)))]
        sequence = reporter.sequence - back * EARLIER + EARLIER // 2
        while (reporter.source, sequence) in self.late:
            sequence -= 1
        if sequence > 0:  # a source numbers no two batches alike
            self.late.add((reporter.source, sequence))
            self.hand_in(
                reporter.batch(*sections, at=self.everyone[0].now, id=f"late {len(self.late)}", sequence=sequence)
            )
            reporter.sequence -= 1

    @rule(
        data=st.data(),
        mark=st.sampled_from(("machine_id", "agent_key", "system_serial")),
        whose=st.sampled_from((*HOSTS, "nobody", "")),
    )
    def mix_marks_up(self, data: st.DataObject, mark: str, whose: str) -> None:
        """A host says that it is another one, or lacks a mark."""
        host, name = data.draw(st.sampled_from(sorted(self.last)))
        marks = {**_marks(host), mark: _marks(whose)[mark]} if whose else _marks(host)
        if not whose:
            del marks[mark]
        self.reporters[(host, name)].marks = marks
        self.hand_in(self.reporters[(host, name)].batch(*self.last[(host, name)], at=self.everyone[0].now))

    def _report(self, host: str, source: tuple[str, str], sections: list[Section], late: int = 0) -> None:
        name, route = source
        made = Reporter(host, source=f"{name}:{host}", route=route, marks=_marks(host))
        reporter = self.reporters.setdefault((host, name), made)
        self.last[(host, name)] = sections
        reporter.sequence += EARLIER - 1
        self.hand_in(reporter.batch(*sections, at=self.everyone[0].now - late))

    # -- people --------------------------------------------------------------------------------------------------------

    @rule(
        kind=st.sampled_from(("change", "incident")),
        number=st.sampled_from(("CHG1", "CHG2", "tool.example/CHG1")),
        title=st.sampled_from((None, "", "reboot «now»", "replace")),
        cis=st.sampled_from((None, (), ("class:Host",), ("class:Endpoint port:5432",))),
        pin=st.booleans(),
    )
    def write_record(self, kind: str, number: str, title: str | None, cis: Sequence[str] | None, pin: bool) -> None:
        def add(one: Receiver) -> Any:
            parts: dict[str, Any] = {"clock": lambda: START + one.now * SECOND, "randomness": one.random}
            found = records.add(one.store, kind, number, "ann", title=title, cis=cis, **parts)
            return records.pin_impact(one.store, kind, number, "ann", **parts) if pin else found

        self.tell(add)

    @rule(
        query=st.sampled_from(("class:Host", "name:web class:Host", "class:SoftwareInstance", "class:Endpoint")),
        values=st.dictionaries(
            st.sampled_from(("owner", "lifecycle", "amount")), st.sampled_from((*WORDS[:3], "7", "In use"))
        ),
        unset=st.lists(st.sampled_from(("owner", "tags", "amount")), max_size=1),
        tags=st.lists(st.sampled_from(("pci", "\u00e4")), max_size=1),
    )
    def say(self, query: str, values: dict[str, str], unset: list[str], tags: list[str]) -> None:
        words = Words(values, unset, tags)
        self.tell(lambda one: edit(one.store, query, words, "ann", "why", clock=clock_of(one), randomness=one.random))

    @rule(
        name=st.sampled_from(("amount", "owner")), type_name=st.sampled_from(("integer", "string")), gone=st.booleans()
    )
    def declare(self, name: str, type_name: str, gone: bool) -> None:
        def act(one: Receiver) -> Any:
            drawn = (clock_of(one), one.random)
            if gone:
                return remove(one.store, "Host", name, "ann", "why", *drawn)
            return declare(one.store, "Host", name, type_name, "", "ann", "why", *drawn)

        self.tell(act)

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        """Two hosts are said to be one."""
        hosts = sorted(item.id for item in self.everyone[0].found("class:Host"))
        if not hosts:
            return  # Each was retired.
        one, other = (data.draw(st.sampled_from(hosts)) for _ in range(2))
        self.arranged(lambda at: merging.merge(at.store, one, other, "ann", "one", *self._drawn(at)))

    @rule(data=st.data(), by_source=st.sampled_from((False, False, True)))
    def split(self, data: st.DataObject, by_source: bool) -> None:
        """A merge is undone, or what a source reports becomes a host of its own."""
        with self.stores[0].view() as view:
            old = [entry.key for entry in view.entries("alias")]
        sources: list[str] = []
        ids = old or sorted(item.id for item in self.everyone[0].found("class:Host"))
        if by_source:
            ids = sorted(item.id for item in self.everyone[0].found("class:Host"))
        if not ids:
            return
        id_ = data.draw(st.sampled_from(ids))
        if by_source:
            with self.stores[0].view() as view:
                sources = [data.draw(st.sampled_from(sorted({s.source for s in view.scopes(id_)} or {"nobody"})))]
        self.arranged(lambda at: splitting.split(at.store, id_, "ann", "two", sources, *self._drawn(at)))

    @rule(data=st.data())
    def resolve(self, data: st.DataObject) -> None:
        """Somebody does what a conflict proposes."""
        with self.stores[0].view() as view:
            numbers = [row["number"] for row in conflicts.registered(view)["items"]]
            if not numbers:
                return
            number = str(data.draw(st.sampled_from(numbers)))
            names = [p["name"] for p in conflicts.show(view, number)["proposals"]]
        hosts = sorted(item.id for item in self.everyone[0].found("class:Host"))
        name = data.draw(st.sampled_from(names)).replace("assign:ID", f"assign:{(*hosts, 'NOBODY')[0]}")
        self.arranged(lambda at: resolution.resolve(at.store, number, name, "ann", "looked", *self._drawn(at)))

    @staticmethod
    def _drawn(at: Receiver) -> tuple[Callable[[], int], Callable[[int], bytes]]:
        return (lambda: START + at.now * SECOND), at.random

    @rule(scope=st.sampled_from(("", "class:Host", "class:SoftwarePackage")), agree=st.booleans())
    def freeze(self, scope: str, agree: bool) -> None:
        self.baselines += 1

        def act(one: Receiver) -> Any:
            drawn = (lambda: START + one.now * SECOND, one.random)
            made = baseline.create(one.store, f"b{self.baselines}", scope, "ann", None, *drawn)
            if agree:
                baseline.approve(one.store, f"b{self.baselines}", made["digest"], "bob", None, *drawn)
            return made

        self.tell(act)


def clock_of(one: Receiver) -> Callable[[], int]:
    return lambda: START + one.now * SECOND


def _outcome(act: Callable[[Receiver], Any], one: Receiver) -> Any:
    try:
        return act(one)
    except SurveymarkError as error:
        return type(error).__name__, error.message
