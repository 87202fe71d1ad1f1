"""What a browser sends of what people say of a CI."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from api.ui import saying
from api.ui.page import asked, state
from cmdb.model.errors import ConflictError
from cmdb.own_attributes import vocabulary

routes = Blueprint("saying_pages", __name__)


@routes.post("/ci/<id_>/words")
def say(id_: str) -> Response:
    """Take the form, and show the CI as it is then. Refused where the CI is no longer as it was when the form was made."""
    with asked("operate") as page:
        item = state(page, id_)
        said = saying.words_of(request.form, item, vocabulary(page.view))
        if request.form.get("since") != str(item.since):
            raise ConflictError("It has changed since the form was shown: load the page again, and say it anew.")
        estate, address = page.estate, page.ci(item)
    if said["set"] or said["unset"]:
        estate.edit(f"id:{item.id}", {**said, "reason": request.form.get("reason", "")})
    return redirect(address + "#words", 303)
