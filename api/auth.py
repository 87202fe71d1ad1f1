"""Who sends a request: an access token (RFC 6750), an agent that signed it (RFC 9421), or the cookie of a browser session
with its CSRF token.

A request that changes something and comes with the cookie must bring the session's CSRF token, in the header X-CSRF-Token or
the form field csrf_token; one with an access token need not, since no browser sends that by itself.
"""

from __future__ import annotations

import hmac
from typing import Any

from flask import Response, g, request

from api import signed_requests
from api.caller import Caller
from api.context import server
from api.sessions import Session
from cmdb.model.errors import ForbiddenError, UsageError

COOKIE = "surveymark_session"
SECURE_COOKIE = "__Host-surveymark_session"
SAFE = ("GET", "HEAD", "OPTIONS")


class Unauthorized(UsageError):
    """Nobody known asks."""

    kind = "unauthorized"
    http_status = 401


class TooMany(UsageError):
    """Somebody asks too often; `retry_after` in seconds."""

    kind = "too-many-requests"
    http_status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests; try again in {retry_after} s.", retry_after=retry_after)
        self.retry_after = retry_after


def caller(permission: str) -> Caller:
    """Who sends the present request. Raises Unauthorized, or ForbiddenError where they lack the permission."""
    found = known()
    if found is None:
        raise Unauthorized("Sign in, or send an access token: Authorization: Bearer TOKEN.")
    found.needs(permission)
    return found


def known() -> Caller | None:
    """Who sends the present request, None for nobody known. Raises Unauthorized for credentials that do not hold."""
    if "surveymark_caller" not in g:
        g.surveymark_caller = _find()
        if g.surveymark_caller is not None:
            _limited("caller " + g.surveymark_caller.actor)
    found: Caller | None = g.surveymark_caller
    return found


def session() -> Session | None:
    """The browser session of the present request."""
    id_ = request.cookies.get(cookie_name())
    return server().sessions.get(id_) if id_ else None


def csrf_token() -> str:
    """What forms of the present session bring back; empty where there is none."""
    found = session()
    return found.csrf if found else ""


def cookie_name() -> str:
    return SECURE_COOKIE if server().settings.secure else COOKIE


def set_cookie(response: Response, id_: str) -> Response:
    """Hand the session to the browser, out of reach of scripts and of other sites (RFC 6265bis)."""
    settings = server().settings
    response.set_cookie(
        cookie_name(),
        id_,
        max_age=settings.session_hours * 3600,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="Strict",
    )
    return response


def drop_cookie(response: Response) -> Response:
    response.delete_cookie(cookie_name(), path="/", secure=server().settings.secure, httponly=True, samesite="Strict")
    return response


def sign_in(token: str) -> str:
    """The id of a new session for an access token. Raises Unauthorized."""
    tokens = server().tokens
    return server().sessions.begin(_by_token(token), lambda: tokens.verify(token) is not None)


def attempt(found: Any) -> Any:
    """Count a failed sign-in against the address that it comes from; returns what was found.

    Who has good credentials is let in whatever others did: behind a proxy everybody comes from one address.
    """
    if found is None:
        wait = server().failures.take("from " + (request.remote_addr or ""))
        if wait:
            raise TooMany(wait)
    return found


def _find() -> Caller | None:
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthorized("Only access tokens are taken: Authorization: Bearer TOKEN.")
        return _by_token(token.strip())
    if signed_requests.is_signed(request):
        return _by_signature()
    found = session()
    if found is None:
        return None
    if request.method not in SAFE:
        _check_csrf(found)
    return found.caller


def _by_token(token: str) -> Caller:
    found: Caller | None = attempt(server().tokens.verify(token))
    if found is None:
        raise Unauthorized(
            "The access token is unknown, expired or revoked; `surveymark token create` makes a new one."
        )
    return found


def _by_signature() -> Caller:
    here = server()
    try:
        return signed_requests.caller(here.keys, request, here.estate.clock())
    except signed_requests.NotSigned as error:
        if error.kind != "clock":  # whose clock is wrong holds a secret
            attempt(None)
        raise


def agent() -> Caller:
    """The agent that signed the present request. Raises Unauthorized, ForbiddenError."""
    found = caller("report")
    if not found.agent:
        raise ForbiddenError("This is for agents that were enrolled, which sign what they send.")
    return found


def _check_csrf(found: Session) -> None:
    brought = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(brought.encode("utf-8", "surrogatepass"), found.csrf.encode()):
        raise ForbiddenError("The form is older than your session, or comes from another site: load the page again.")


def _limited(name: str) -> None:
    wait = server().requests.take(name)
    if wait:
        raise TooMany(wait)
