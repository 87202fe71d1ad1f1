"""Whatever writes to a store says who did it, for which source, and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cmdb.commit import act
from cmdb.draft import Draft
from cmdb.freshness import Freshness
from cmdb.model.errors import UsageError
from cmdb.model.times import SECOND
from cmdb.states import Entry
from tests.api.conftest import Done
from tests.api.routes.test_conflicts import cloned
from tests.baselines.site import Site

Run = Callable[..., Done]

__all__ = ["cloned"]


def test_no_kind_of_revision_leaves_out_who_did_it_or_why(surveymark: Run, cloned: Site, tmp_path: Path) -> None:
    one, two = cloned.id("one"), cloned.id("two")
    file = tmp_path / "owners.csv"
    file.write_text("class,name,environment\nHost,web,production\n")
    site, why = cloned, ("--reason", "a test of names")

    def did(*arguments: str) -> Done:
        done = surveymark(*arguments)
        assert done.status == 0, (arguments, done.err)
        return done

    did("conflict", "resolve", "1", "--as", "keep-apart", *why)
    did("ci", "merge", one, two, *why)
    did("ci", "split", two, *why)
    did("attribute", "add", "rack", "--class", "Host", "--type", "string")
    did("attribute", "remove", "rack", "--class", "Host", *why)
    did("ci", "set", "class:Host name:web", "owner=ann", "--yes", *why)
    did("tag", "add", "class:Host name:web", "pci", "--yes", *why)
    did("import", str(file), "--class", "Host", "--match", "name")
    file.write_text("class,name,environment\nHost,one,production\n")
    did("import", str(file), "--class", "Host", "--match", "name", "--complete")
    did("token", "create", "web1", "--role", "reader")
    did("token", "revoke", surveymark("token", "list", "--json").json["items"][0]["id"])
    digest = did("baseline", "create", "first", "--scope", "class:Host", "--json").json["digest"]
    did("baseline", "approve", "first", "--digest", digest, "--self", "nobody else is here")
    did("change", "add", "itsm/CHG1", "--title", "a change")
    did("incident", "add", "itsm/INC1", "--title", "an incident")
    did("retention", "set", "--age", "400d", *why)
    did("hold", "add", "case", "--scope", "class:Host", *why)
    did("hold", "release", "case", *why)
    did("redact", site.id("web"), "owner", *why)
    did("redact", site.id("web"), "owner", "--lift", *why)
    did("ci", "retire", two, *why)
    did("ci", "restore", two, *why)
    site.time += 400 * 86_400 * SECOND
    Freshness(site.store, "surveymark:schedule", site.clock).run()

    with site.store.view() as view:
        revisions = view.revisions()
    assert {r.kind for r in revisions} == {
        "approval", "attribute", "baseline", "edit", "freshness", "hold", "hold release", "ingest", "merge", "redaction",
        "resolution", "restoration", "retention", "retirement", "split", "token", "withdrawal",
    }  # fmt: skip
    assert [r.cause for r in revisions if r.kind in ("hold", "hold release", "retention", "redaction")] == [why[1]] * 5
    nameless = [r for r in revisions if not (r.actor.strip() and r.source.strip() and r.cause.strip())]
    assert nameless == []


@pytest.mark.parametrize("missing", range(3))
def test_an_act_that_does_not_say_who_or_why_is_refused(site: Site, missing: int) -> None:
    said = ["ann", "reviewed", "people"]
    said[missing] = " \t"
    actor, cause, source = said
    with site.store.transaction() as tx:
        draft = Draft(tx)
        draft.entries.append(Entry("setting", "x", {}, 0, b"", b""))
        with pytest.raises(UsageError, match="give a reason"):
            act(draft, "setting", actor, cause, site.clock, site.randomness, source=source)
    assert site.head() == 1


@pytest.mark.parametrize(
    "command",
    [("ci", "retire", "class:Host name:web"), ("ci", "set", "class:Host", "owner=ann", "--yes"),
     ("attribute", "add", "rack", "--class", "Host")],
)  # fmt: skip
def test_a_blank_reason_is_none(surveymark: Run, site: Site, command: tuple[str, ...]) -> None:
    done = surveymark(*command, "--reason", " ")
    assert (done.status, site.head()) == (2, 1)
    assert "reason" in done.err
