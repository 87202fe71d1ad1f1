"""Material is the same only where it is the same in everything."""

from __future__ import annotations

from dataclasses import replace

from agent.fact import Content, Context, File, FileDigest, Missing, Need, Output, Supplied
from agent.facts import FACTS
from agent.remembered import Known, key_of
from agent.unchanged import SAME, Unchanged, fingerprint

GROUPS = FACTS["groups"]
NEED = File("/etc/group")


def key(supplied: Supplied, need: Need = NEED, context: Context = Context()) -> object:  # noqa: B008 - frozen
    return key_of(GROUPS, [need], {need: supplied}, context)


def test_the_same_material_is_known_again() -> None:
    first = Unchanged({})
    assert first.get(key(Content(b"a"))) is None

    second = Unchanged(first.found)

    assert second.get(key(Content(b"a"))) is SAME
    assert second.found == first.found


def test_nothing_is_known_that_was_only_put() -> None:
    memory = Unchanged({})
    memory.put(key(Content(b"a")), Known(SAME.outcome, {}))
    assert memory.get(key(Content(b"a"))) is None


def test_whatever_differs_differs() -> None:
    content = Content(b"a")
    digest = FileDigest("0" * 64, 1, 0o644, 0, 0, True)
    context = Context(digest_key=b"k")
    keys = [
        key(content),
        key(Content(b"b")),
        key(replace(content, mode=0o600)),
        key(replace(content, uid=1)),
        key(content, File("/etc/gshadow")),
        key(content, context=context),
        key(content, context=replace(context, watched=("a", "b"))),
        key(content, context=replace(context, watched=("ab",))),
        key(content, context=replace(context, privilege="user")),
        key(Missing("absent", "a")),
        key(Missing("denied", "a")),
        key(Output(b"a")),
        key(Output(b"", b"a")),
        key(Output(b"a", status=1)),
        key({}),
        key({"a": digest}),
        key({"a": replace(digest, public=False)}),
        key({"a": digest, "b": digest}),
        key({"a": "b"}),
        key({"ab": ""}),
        key({"\udcff": "b"}),
    ]
    assert len({fingerprint(one) for one in keys}) == len(keys)
