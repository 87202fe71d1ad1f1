"""What is known by its address only is resolved when the other end is known, and only then."""

from __future__ import annotations

import pytest

from tests.cmdb.building import (
    Receiver,
    Reporter,
    depends,
    failed,
    flows,
    network,
    outcomes,
    packages,
    software,
    system,
)

TALKS = ("web/nginx", "TALKS_TO", "db/tcp 0.0.0.0:5432")
NEEDS = ("web", "DEPENDS_ON", "db/tcp 0.0.0.0:5432")
CALL = ("nginx", "10.0.0.2", 5432)
SERVER = ("10.0.0.2", 5432)


def web_says(cmdb: Receiver, web: Reporter, at: int, *more: object, calls: tuple[object, ...] = (CALL,)) -> None:
    cmdb.now = at
    said = [system("web"), network("10.0.0.1"), software("nginx:80"), flows(*calls), *more]  # type: ignore[arg-type]
    cmdb.take(web.batch(*said, at=at))  # type: ignore[arg-type]


def db_says(cmdb: Receiver, db: Reporter, at: int, *, address: str = "10.0.0.2", port: int = 5432) -> None:
    cmdb.now = at
    cmdb.take(db.batch(system("db"), network(address), software(f"postgres:{port}"), at=at))


class TestFlows:
    def test_one_pass_of_one_end_is_no_relation(self, cmdb: Receiver) -> None:
        db_says(cmdb, Reporter("db"), 0)
        web_says(cmdb, Reporter("web"), 0)

        assert cmdb.links("TALKS_TO") == set()

    def test_two_passes_a_minute_apart_are_one_though_the_section_is_unchanged(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        web_says(cmdb, web, 0)
        web_says(cmdb, web, 59)
        assert cmdb.links("TALKS_TO") == set()

        web_says(cmdb, web, 60)

        assert cmdb.links("TALKS_TO") == {TALKS}
        head = cmdb.head()
        web_says(cmdb, web, 120)
        assert cmdb.head() == head

    def test_two_passes_count_where_one_line_stands_for_all_sections(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        web_says(cmdb, web, 0)
        cmdb.now = 61
        said = [system("web"), network("10.0.0.1"), software("nginx:80"), flows(CALL)]

        cmdb.take(web.batch(*said, at=61, same=True))

        assert cmdb.links("TALKS_TO") == {TALKS}

    def test_two_passes_count_where_the_section_failed_in_between(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        web_says(cmdb, web, 0)
        cmdb.take(web.batch(failed(flows(CALL)), at=0))

        web_says(cmdb, web, 61)

        assert cmdb.links("TALKS_TO") == {TALKS}

    def test_the_same_pass_sent_again_is_not_another_one(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        cmdb.now = 600
        for _ in range(3):
            said = [system("web"), network("10.0.0.1"), software("nginx:80"), flows(CALL)]
            cmdb.take(web.batch(*said, at=10))

        assert cmdb.links("TALKS_TO") == set()

    def test_a_pass_that_repeats_another_without_it_does_not_count(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        web_says(cmdb, web, 0)
        for at in (60, 120, 180):
            web_says(cmdb, web, at, calls=())

        assert cmdb.links("TALKS_TO") == set()

    @pytest.mark.parametrize("first", ["web", "db"])
    def test_both_ends_confirm_each_other_in_either_order(self, cmdb: Receiver, first: str) -> None:
        heard = flows(heard=[("10.0.0.1", 5432)])
        batches = {
            "web": Reporter("web").batch(system("web"), network("10.0.0.1"), software("nginx:80"), flows(CALL)),
            "db": Reporter("db").batch(system("db"), network("10.0.0.2"), software("postgres:5432"), heard),
        }
        for name in sorted(batches, key=lambda n: n != first):
            cmdb.take(batches[name])

        assert cmdb.links("TALKS_TO") == {TALKS}

    def test_the_servers_word_about_somebody_else_confirms_nothing(self, cmdb: Receiver) -> None:
        heard = flows(heard=[("10.9.9.9", 5432)])
        cmdb.take(Reporter("db").batch(system("db"), network("10.0.0.2"), software("postgres:5432"), heard))
        web_says(cmdb, Reporter("web"), 0)

        assert cmdb.links("TALKS_TO") == set()

    def test_the_servers_word_alone_is_no_relation(self, cmdb: Receiver) -> None:
        db, heard = Reporter("db"), flows(heard=[("10.0.0.1", 5432)])
        cmdb.take(Reporter("web").batch(system("web"), network("10.0.0.1"), software("nginx:80")))
        for at in (0, 60, 120):
            cmdb.now = at
            cmdb.take(db.batch(system("db"), network("10.0.0.2"), software("postgres:5432"), heard, at=at))

        assert cmdb.links("TALKS_TO") == set()

    def test_a_pass_that_does_not_see_it_withdraws_nothing(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        for at in (0, 60):
            web_says(cmdb, web, at)
        web_says(cmdb, web, 120, calls=())

        assert cmdb.links("TALKS_TO") == {TALKS}

    def test_it_retires_with_its_client_and_comes_back_with_it(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        for at in (0, 60):
            web_says(cmdb, web, at)

        cmdb.now = 120
        cmdb.take(web.batch(software(), flows(), at=120))
        assert cmdb.links("TALKS_TO") == set()

        for at in (180, 240):
            web_says(cmdb, web, at)
        assert cmdb.links("TALKS_TO") == {TALKS}

    def test_it_comes_back_though_only_the_software_section_changed(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        for at in (0, 60):
            web_says(cmdb, web, at)
        cmdb.take(web.batch(software(), at=61))
        assert cmdb.links("TALKS_TO") == set()

        for at in (180, 240):
            web_says(cmdb, web, at)

        assert cmdb.links("TALKS_TO") == {TALKS}


class TestDependencies:
    @pytest.mark.parametrize("first", ["web", "db"])
    def test_one_declared_by_configuration_holds_at_once(self, cmdb: Receiver, first: str) -> None:
        steps = {
            "web": lambda: cmdb.take(Reporter("web").batch(system("web"), depends(SERVER))),
            "db": lambda: db_says(cmdb, Reporter("db"), 0),
        }
        for name in sorted(steps, key=lambda n: n != first):
            steps[name]()

        assert cmdb.links("DEPENDS_ON") == {NEEDS}
        assert cmdb.link("DEPENDS_ON").attributes == {"why": "resolv.conf 10.0.0.2"}

    def test_it_ends_when_it_is_no_longer_declared(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        cmdb.take(web.batch(system("web"), depends(SERVER)))
        cmdb.take(web.batch(system("web"), depends()))

        assert cmdb.links("DEPENDS_ON") == set()
        db_says(cmdb, Reporter("db", sequence=1), 10, port=5433)
        db_says(cmdb, Reporter("db", sequence=2), 20)
        assert cmdb.links("DEPENDS_ON") == set()

    def test_it_is_unresolved_and_resolved_again_as_the_endpoint_goes_and_comes(self, cmdb: Receiver) -> None:
        db = Reporter("db")
        cmdb.take(Reporter("web").batch(system("web"), depends(SERVER)))
        seen = []
        for at, port in enumerate((5432, 5433, 5432)):
            db_says(cmdb, db, at, port=port)
            seen.append(cmdb.links("DEPENDS_ON"))

        assert seen == [{NEEDS}, set(), {NEEDS}]
        with cmdb.view() as view:
            history = view.link_history(cmdb.link("DEPENDS_ON").object)
            ends = {s.ended for s in history if s.type == "DEPENDS_ON"}
        assert ends == {"retired", None}

    def test_an_address_at_two_hosts_resolves_to_neither_until_one_gives_it_up(self, cmdb: Receiver) -> None:
        db, twin = Reporter("db"), Reporter("twin")
        cmdb.take(Reporter("web").batch(system("web"), depends(SERVER)))
        db_says(cmdb, db, 0)
        cmdb.take(twin.batch(system("twin"), network("10.0.0.2"), software("postgres:5432")))
        assert cmdb.links("DEPENDS_ON") == set()

        cmdb.take(twin.batch(system("twin"), network("10.0.0.3"), software("postgres:5432")))

        assert cmdb.links("DEPENDS_ON") == {NEEDS}

    def test_an_address_that_moves_takes_the_dependency_along(self, cmdb: Receiver) -> None:
        db, twin = Reporter("db"), Reporter("twin")
        cmdb.take(Reporter("web").batch(system("web"), depends(SERVER)))
        db_says(cmdb, db, 0)
        db_says(cmdb, db, 1, address="10.0.0.9")
        assert cmdb.links("DEPENDS_ON") == set()

        cmdb.take(twin.batch(system("twin"), network("10.0.0.2"), software("postgres:5432")))

        assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "twin/tcp 0.0.0.0:5432")}

    def test_an_address_that_goes_to_another_interface_keeps_it(self, cmdb: Receiver) -> None:
        db = Reporter("db")
        cmdb.take(Reporter("web").batch(system("web"), depends(SERVER)))
        db_says(cmdb, db, 0)
        head = cmdb.head()

        cmdb.take(db.batch(network("10.0.0.2", interface="bond0")))

        assert cmdb.links("DEPENDS_ON") == {NEEDS}
        with cmdb.view() as view:
            assert ("link", "retired") not in {
                (k, op) for k, op, id_ in view.changed(head, head + 1) if "DEPENDS_ON" in id_
            }

    def test_two_references_to_one_server_do_not_take_turns(self, cmdb: Receiver) -> None:
        web, db = Reporter("web"), Reporter("db")
        both = depends(SERVER, ("10.0.0.3", 5432))
        cmdb.take(db.batch(system("db"), network("10.0.0.2", "10.0.0.3"), software("postgres:5432")))
        cmdb.take(web.batch(system("web"), both))
        head = cmdb.head()

        for names in (["a"], ["b"]):
            cmdb.take(web.batch(packages(*names), software(f"nginx{names[0]}:80")))
            cmdb.take(db.batch(software("postgres:5432", f"other:{8000 + len(names)}")))

        assert cmdb.link("DEPENDS_ON").attributes == {"why": "resolv.conf 10.0.0.2"}
        with cmdb.view() as view:
            assert not [i for kind, _, i in view.changed(head, cmdb.head()) if kind == "link" and "DEPENDS_ON" in i]

    def test_one_of_two_references_gone_leaves_the_other(self, cmdb: Receiver) -> None:
        web, db = Reporter("web"), Reporter("db")
        cmdb.take(db.batch(system("db"), network("10.0.0.2", "10.0.0.3"), software("postgres:5432")))
        cmdb.take(web.batch(system("web"), depends(SERVER, ("10.0.0.3", 5432))))
        cmdb.take(web.batch(system("web"), depends(("10.0.0.3", 5432))))

        assert cmdb.link("DEPENDS_ON").attributes == {"why": "resolv.conf 10.0.0.3"}

    @pytest.mark.parametrize("leaves_first", ["agent", "ssh"])
    def test_the_last_of_two_sources_takes_it_along(self, cmdb: Receiver, leaves_first: str) -> None:
        agent, ssh = Reporter("web"), Reporter("web", source="ssh:web", route="ssh")
        db_says(cmdb, Reporter("db"), 0)
        for source in (agent, ssh):
            cmdb.take(source.batch(system("web"), depends(SERVER)))
        order = [agent, ssh] if leaves_first == "agent" else [ssh, agent]
        seen = []
        for source in order:
            cmdb.take(source.batch(system("web"), depends()))
            seen.append(cmdb.links("DEPENDS_ON"))

        assert seen == [{NEEDS}, set()]

    def test_a_host_that_depends_on_itself_is_one_relation_at_most(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), network("10.0.0.1"), software("named:53"), depends(("10.0.0.1", 53))))
        assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "web/tcp 0.0.0.0:53")}

        cmdb.take(web.batch(depends(("10.0.0.1", 0))))

        assert cmdb.links("DEPENDS_ON") == set()

    def test_without_a_port_it_is_the_host_that_is_needed(self, cmdb: Receiver) -> None:
        cmdb.take(Reporter("web").batch(system("web"), depends(("10.0.0.2", 0))))
        db_says(cmdb, Reporter("db"), 0)

        assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "db")}

    def test_an_address_of_another_domain_is_another_address(self, cmdb: Receiver) -> None:
        cmdb.take(Reporter("web", domain="lab").batch(system("web"), depends(SERVER)))
        db_says(cmdb, Reporter("db"), 0)

        assert cmdb.links("DEPENDS_ON") == set()

    def test_the_endpoint_bound_to_the_very_address_answers(self, cmdb: Receiver) -> None:
        cmdb.take(Reporter("web").batch(system("web"), depends(SERVER)))
        services = software("any:5432", "very:10.0.0.2:5432", "other:10.0.0.3:5432")
        cmdb.take(Reporter("db").batch(system("db"), network("10.0.0.2"), services))

        assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "db/tcp 10.0.0.2:5432")}

    def test_of_endpoints_bound_to_any_address_that_of_the_family_answers(self, cmdb: Receiver) -> None:
        """A server that has a socket of each family accepts an IPv4 connection at that of IPv4."""
        ports = range(5432, 5440)
        listening = [
            f"{name}:{any_}:{port}"
            for port in ports
            for name, any_ in ((f"v4-{port}", "0.0.0.0"), (f"v6-{port}", "::"))
        ]
        for address in ("10.0.0.2", "fd00::2"):
            name = f"db{len(address)}"
            cmdb.take(Reporter(name).batch(system(name), network(address), software(*listening)))
            web = Reporter("web", source=f"agent of {name}")
            cmdb.take(web.batch(system("web"), network("10.0.0.1"), depends(*[(address, p) for p in ports])))
            bound = "::" if ":" in address else "0.0.0.0"
            assert {k for k in cmdb.links("DEPENDS_ON") if name in k[2]} == {
                ("web", "DEPENDS_ON", f"{name}/tcp {bound}:{port}") for port in ports
            }

    def test_a_narrower_or_failed_section_drops_no_reference(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        db_says(cmdb, Reporter("db"), 0)
        cmdb.take(web.batch(system("web"), depends(SERVER)))
        narrower = depends()
        narrower.privilege = "user"

        for said in (failed(depends(SERVER)), narrower, failed(depends(SERVER), outcome="not_applicable")):
            assert outcomes(cmdb.take(web.batch(said)))["dependencies"] == said.outcome
            assert cmdb.links("DEPENDS_ON") == {NEEDS}
