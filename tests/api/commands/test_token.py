"""`surveymark token`."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done

Run = Callable[..., Done]


def test_the_secret_alone_goes_to_standard_output(surveymark: Run) -> None:
    done = surveymark("token", "create", "joe")

    assert done.out.startswith("smt_")
    assert done.out.count("\n") == 1
    assert "only time" in done.err


def test_tokens_are_listed_without_secrets_and_revoked(surveymark: Run) -> None:
    secret = surveymark("token", "create", "joe", "--role", "operator", "--role", "reader").out.strip()
    id_ = secret.split("_")[1]

    listed = surveymark("token", "list")
    assert "operator, reader" in listed.out
    assert secret not in listed.out
    assert surveymark("token", "revoke", id_).status == 0
    assert "revoked" in surveymark("token", "list").out
    assert surveymark("token", "revoke", id_, "--json").json["type"] == "urn:surveymark:problem:conflict"
