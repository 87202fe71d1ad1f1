"""Signing in and out of the page: by the one-time address that `surveymark up` prints, or with an access token.

The page itself shows the form (GET /sign-in without a code); these take what it sends.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from api import auth
from api.answers import answer
from api.context import server
from cmdb.model.errors import UsageError

routes = Blueprint("sessions", __name__)


@routes.get("/sign-in/<string:code>")
def with_code(code: str) -> BaseResponse:
    """A one-time code becomes a cookie, once. Asking for its headers, as previews of links do, uses nothing up."""
    if request.method == "HEAD":
        return _to("/sign-in")
    id_ = auth.attempt(server().sessions.redeem(code))
    if id_ is None:
        raise UsageError(
            "This address has been used already, or is older than 15 minutes; start `surveymark up` again for a new one, "
            "or sign in with an access token."
        )
    return auth.set_cookie(_to("/"), id_)


@routes.post("/sign-in")
def with_token() -> BaseResponse:
    """An access token becomes a cookie; it is sent as the form field `token`."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise UsageError("Sign in on the server's own page.")
    return auth.set_cookie(_to("/"), auth.sign_in(request.form.get("token", "").strip()))


@routes.post("/sign-out")
def sign_out() -> BaseResponse:
    """End the session; needs its CSRF token."""
    auth.known()
    id_ = request.cookies.get(auth.cookie_name())
    if id_:
        server().sessions.end(id_)
    return auth.drop_cookie(_to("/sign-in"))


@routes.get("/api/v1/session")
def session() -> Response:
    """Who the caller is, and what they may do."""
    found = auth.known()
    if found is None:
        raise auth.Unauthorized("Nobody is signed in.")
    return answer({"actor": found.actor, "roles": list(found.roles), "csrf_token": auth.csrf_token()})


def _to(path: str) -> Response:
    """See Other, never kept by a cache: the address that leads here is a secret."""
    response = redirect(path, 303)
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = "no-store"
    return response
