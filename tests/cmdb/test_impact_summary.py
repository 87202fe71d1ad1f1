"""The text for a ticket: short, complete in what it counts, and no name can forge a line of it."""

from __future__ import annotations

from cmdb.impact import ImpactReport, impact
from cmdb.impact_summary import LINES_A_LEVEL, summary
from tests.cmdb.estate import Estate, empty_estate, id_of


def ask(estate: Estate, *seeds: str, limit: int = 1000, down: str = "") -> ImpactReport:
    with estate.store.view() as view:
        return impact(view, [id_of(s) for s in seeds], down=[id_of(down)] if down else [], limit=limit)


def database_with_client(estate: Estate) -> None:
    db, app = estate.add("Host", "db"), estate.add("Host", "app")
    endpoint = estate.add("Endpoint", "tcp 5432", db)
    estate.link(estate.add("SoftwareInstance", "postgres", db), "EXPOSES", endpoint)
    estate.link(estate.add("SoftwareInstance", "shop", app), "TALKS_TO", endpoint)
    estate.commit()


def test_a_summary_tells_what_was_asked_how_much_is_hit_and_why() -> None:
    with empty_estate() as estate:
        database_with_client(estate)

        assert summary(ask(estate, "postgres")) == (
            "Impact of SoftwareInstance postgres, revision 1\n"
            "Impacted: 2 (1 outage, 1 possible)\n"
            "\n"
            "Outage\n"
            "- Endpoint tcp 5432 on db: an endpoint is gone with the software that listens there\n"
            "\n"
            "Possible\n"
            "- SoftwareInstance shop on app: a client was seen talking to it\n"
            "\n"
            "Complete: every known dependency was followed.\n"
        )


def test_what_is_down_already_and_what_is_not_followed_is_said() -> None:
    with empty_estate() as estate:
        database_with_client(estate)
        estate.add("SoftwarePackage", "libpq5", id_of("app"))
        estate.commit()

        assert summary(ask(estate, "libpq5", down="shop")) == (
            "Impact of SoftwarePackage libpq5, revision 2\n"
            "With SoftwareInstance shop down already\n"
            "Impacted: nothing that is known\n"
            "\n"
            "Not followed: SoftwarePackage libpq5: SoftwarePackage is outside the impact topology: trouble at it is"
            " not followed\n"
            "Complete: every known dependency of the others was followed.\n"
        )


def test_an_answer_that_was_cut_says_so_and_where() -> None:
    with empty_estate() as estate:
        database_with_client(estate)

        assert summary(ask(estate, "db", limit=2)).endswith(
            "\nNOT complete: 1 more are reached, beyond Endpoint tcp 5432.\n"
        )


def test_a_long_list_is_cut_and_counted() -> None:
    with empty_estate() as estate:
        host = estate.add("Host", "busy")
        for number in range(LINES_A_LEVEL + 3):
            estate.add("SoftwareInstance", f"service {number:02}", host)
        estate.commit()

        text = summary(ask(estate, "busy"))

        assert text.count("- SoftwareInstance") == LINES_A_LEVEL
        assert "- and 3 more\n" in text


def test_parts_of_one_whole_come_last_as_one_line_and_count_each() -> None:
    with empty_estate() as estate:
        host = estate.add("Host", "busy")
        for number in range(30):
            estate.add("FileSystem", f"/srv/{number:02}", host)
        estate.add("SoftwareInstance", "zope", host)
        estate.commit()

        text = summary(ask(estate, "busy"))

        assert "Impacted: 31 (31 outage)\n" in text
        assert [line for line in text.splitlines() if line.startswith("- ")] == [
            "- SoftwareInstance zope on busy: software stops with its host",
            "- 30 of class FileSystem on busy: a part fails with its whole",
        ]


def test_a_hostile_name_stays_within_its_line() -> None:
    with empty_estate() as estate:
        name = "evil\nComplete: nothing\x1b[31m\u202e\u2028" + "x" * 1000
        estate.add("FileSystem", name, estate.add("Host", "h"))
        estate.commit()

        text = summary(ask(estate, "h"))

        assert "- FileSystem evil<U+000A>Complete: nothing<U+001B>[31m<U+202E><U+2028>xxx" in text
        assert all(ord(c) >= 32 or c == "\n" for c in text)
        assert max(map(len, text.splitlines())) < 250
