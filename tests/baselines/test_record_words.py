"""Keys, links, times and CIs as people write them."""

from __future__ import annotations

import pytest

from baselines.record_words import check_window, cis_of, link_of, resolved, time_of
from cmdb.model.errors import NotFoundError, UsageError
from tests.baselines.site import Site, packages, system


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("CHG1", ("local", "CHG1")),
        (" CHG1 ", ("local", "CHG1")),
        ("SN.Example.org/CHG1", ("sn.example.org", "CHG1")),
        ("jira:8080/OPS-12", ("jira:8080", "OPS-12")),
    ],
)
def test_a_key_is_a_number_or_instance_and_number(site: Site, key: str, meant: tuple[str, str]) -> None:
    with site.store.view() as view:
        assert resolved(view, "change", key) == (*meant, None)


@pytest.mark.parametrize(
    "key", ["", " ", "/", "/CHG1", "local/", "a b/1", "x/y z", "CHG\x1b1", "-x/1", "n" * 101, "a/b/1", "\u202e1"]
)
def test_a_key_that_is_none_is_refused(site: Site, key: str) -> None:
    with site.store.view() as view, pytest.raises(UsageError, match=r"no key|no instance"):
        resolved(view, "change", key)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "ftp://host/x",
        "https://",
        "https:host",
        "https://a b/",
        "https://user:pw@host/",
        "https://user@host/",
        "http://[::1",
        "https://h/\na",
        "https://h/" + "x" * 2048,
        "https://h/\u202e",
    ],
)
def test_a_link_that_is_none_or_tells_a_password_is_refused(link: str) -> None:
    with pytest.raises(UsageError):
        link_of(link)


def test_links_are_http_or_https() -> None:
    assert link_of(" https://h:8443/x?y=1#z ") == "https://h:8443/x?y=1#z"
    assert link_of("http://h/") == "http://h/"
    assert link_of("  ") == ""


def test_times_have_an_offset_and_are_kept_in_utc() -> None:
    assert time_of("2026-01-10T20:00:00+01:00") == "2026-01-10T19:00:00.000000Z"
    assert time_of("") == ""
    for written in ("2026-01-10T20:00:00", "tomorrow", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        with pytest.raises(UsageError, match="no time"):
            time_of(written)


def test_a_window_ends_behind_its_start() -> None:
    check_window("2026-01-10T20:00:00Z", "2026-01-10T20:00:01Z")
    check_window(None, "2026-01-10T20:00:00Z")
    check_window("2026-01-10T20:00:00Z", None)
    with pytest.raises(UsageError, match="exclusive"):
        check_window("2026-01-10T20:00:00Z", "2026-01-10T20:00:00Z")


def test_cis_are_named_by_id_or_query(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl", "nginx"))
    host = site.id("web1")

    with site.store.view() as view:
        assert cis_of(view, [host.lower()]) == [host]
        assert set(cis_of(view, ["class:SoftwarePackage", host])) > {host}
        assert len(cis_of(view, ["class:SoftwarePackage", "curl"])) == 2
        for nothing in ("name:nowhere", "0" * 26):
            with pytest.raises(NotFoundError):
                cis_of(view, [nothing])
        with pytest.raises(UsageError, match="everything"):
            cis_of(view, [" "])


def test_more_cis_than_anybody_means_are_refused(site: Site) -> None:
    site.report("web1", system("web1"), packages(*[f"p{n}" for n in range(1001)]))

    with site.store.view() as view, pytest.raises(UsageError, match="More than 1000"):
        cis_of(view, ["class:SoftwarePackage"])
