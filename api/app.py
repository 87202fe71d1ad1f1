"""The Flask application: one factory, a blueprint a resource, problem documents, and what every answer carries.

`create_app(settings, store)` registers every module of api/routes: each has `routes`, a blueprint.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from typing import Any

from flask import Response, g, redirect, request
from flask.json.provider import DefaultJSONProvider
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

import api.routes
from api import answers, auth
from api.admission import Admission
from api.agent_keys import AgentKeys, SecretKeeper
from api.agents import Agents
from api.caller import Caller
from api.context import NAME, Server
from api.installation_key import InstallationKey
from api.limits import Limit
from api.local_estate import LocalEstate
from api.models import Problem
from api.sessions import Sessions
from api.settings import Settings
from api.tokens import Tokens
from cmdb.model.errors import InvalidDocument, SurveymarkError, UsageError
from cmdb.model.times import now
from cmdb.ports import Clock, Store

PREFIX = "/api/v1"
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
NOBODY = Caller("nobody", ())

_log = logging.getLogger(__name__)


class WrongHost(UsageError):
    """The Host header names another server (RFC 9110 section 7.4): a name that was rebound to this address, say."""

    kind = "wrong-host"
    http_status = 421


class _Json(DefaultJSONProvider):
    """Bodies that are no JSON are refused as such, also when nested deeper than the decoder goes (RFC 8259 section 9)."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise UsageError("The body is nested too deeply.") from None
        except ValueError as error:
            raise UsageError(f"The body is no JSON: {error}.") from None


def create_app(settings: Settings, store: Store, clock: Clock = now) -> OpenAPI:
    """The application over an open store; everything that it keeps is its own."""
    app = OpenAPI(
        "api",
        info=Info(title="Surveymark", version="1", description="What an estate consists of, as of any time."),
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
        validation_error_model=Problem,
        validation_error_status=422,
        validation_error_callback=_invalid,
        doc_ui=False,
        static_folder="ui/static",
        static_url_path="/static",
        template_folder="ui/templates",
    )
    app.json = _Json(app)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    keeper = SecretKeeper(store.genesis(), InstallationKey(), clock)
    agents = Agents(store, keeper, clock)
    app.extensions[NAME] = Server(
        settings=settings,
        estate=LocalEstate(store, NOBODY, clock),
        tokens=Tokens(store, clock),
        sessions=Sessions(clock, settings.session_hours),
        requests=Limit(settings.requests_per_minute, clock),
        failures=Limit(settings.failures_per_minute, clock),
        agents=agents,
        keys=AgentKeys(store, keeper, clock, bytes_a_day=settings.agent_bytes_per_day),
        admission=Admission(clock, settings.batches_at_once),
    )
    app.before_request(lambda: _check_host(settings))
    app.after_request(lambda response: _secured(response, settings))
    app.register_error_handler(SurveymarkError, _surveymark_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    for module in pkgutil.iter_modules(api.routes.__path__):
        routes = getattr(importlib.import_module(f"api.routes.{module.name}"), "routes", None)
        if routes is not None and hasattr(routes, "paths"):
            app.register_api(routes)
        elif routes is not None:
            app.register_blueprint(routes)
    _describe_problems(app)
    app.context_processor(lambda: {"csrf_token": auth.csrf_token})
    return app


def _check_host(settings: Settings) -> None:
    name = request.headers.get("Host", "")
    if not settings.answers_to(name):
        raise WrongHost(
            f"This server is not {name!r:.80}; `surveymark serve --host-name NAME` makes it answer to a name."
        )


def _secured(response: Response, settings: Settings) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _surveymark_error(error: SurveymarkError) -> Any:
    page = request.method == "GET" and not request.path.startswith("/api/") and request.accept_mimetypes.accept_html
    if page and isinstance(error, auth.Unauthorized):
        return redirect("/sign-in", 303)
    if error.http_status >= 500:
        _log.error("%s %s: %s", request.method, request.path, error.message)
        if g.get("surveymark_caller") is None:
            return answers.refused_by_http(
                error.http_status, "The server can not answer now; its log says why.", error.kind
            )
    return answers.refused(error)


def _http_error(error: HTTPException) -> Any:
    if isinstance(error, RequestEntityTooLarge):
        return answers.refused_by_http(413, "The request is larger than this server takes; send less at a time.")
    if error.code is None or error.code < 400:
        return error
    if error.code == 404:
        hint = "; /api/v1/openapi.json names what there is" if request.path.startswith("/api/") else ""
        return answers.refused_by_http(404, f"There is nothing at this address{hint}.")
    return answers.refused_by_http(error.code, error.description or error.name)


def _unexpected(error: Exception) -> Response:
    """The border to HTTP: logged once with its cause, and nothing of it is shown."""
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return answers.refused_by_http(500, "The server met an error of its own; its log has the cause.")


def _invalid(error: ValidationError) -> Response:
    """Parameters or a body that are not as the OpenAPI document has them."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "model_type" and not request.is_json:
        return answers.refused(UsageError("Send the body as JSON, with Content-Type: application/json."))
    path = "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in first["loc"])
    invalid = InvalidDocument(f"{first['msg']} at {path}", path)
    return answers.refused(invalid)


def _describe_problems(app: OpenAPI) -> None:
    """Every operation of the OpenAPI document says how it refuses."""
    for path in app.api_doc["paths"].values():
        for operation in path.values():
            for status, text in _PROBLEMS.items():
                operation["responses"][status] = {
                    "description": text,
                    "content": {answers.PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }


_PROBLEMS = {
    "400": "The request was not understood.",
    "401": "Nobody known asks.",
    "403": "The caller may not do this.",
    "404": "There is no such thing.",
    "409": "It does not fit the present state.",
    "413": "The request is too large.",
    "421": "The Host header names another server.",
    "422": "The document is not valid.",
    "429": "Too many requests.",
    "503": "The store can not answer now.",
}
