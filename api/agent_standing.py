"""How the agents of a store stand: how many report and wait, and whether this installation's key opens their secrets."""

from __future__ import annotations

from collections.abc import Iterator

from api.agent_keys import SecretKeeper
from api.installation_key import InstallationKey, place
from cmdb.agent_binding import KIND, LIVE
from cmdb.model.errors import SurveymarkError
from cmdb.ports import Store


def standing(store: Store) -> Iterator[tuple[bool, str, str]]:
    """(good, what is so, remedy); nothing where no agent was enrolled. The key is not made where it is missing."""
    with store.view() as view:
        live = [entry for entry in view.entries(KIND) if entry.value["state"] in LIVE]
    if not live:
        return
    waiting = sum(entry.value["state"] == "pending" for entry in live)
    told = f"{len(live) - waiting} may report, {waiting} wait for approval"
    path = place()
    if not path.exists():
        yield (
            False,
            f"{told}; the installation's key {path} is missing, without which none is known",
            "put back the key of the installation that enrolled them, or enrol them anew",
        )
        return
    try:
        newest = max(live, key=lambda entry: entry.since)
        keeper = SecretKeeper(store.genesis(), InstallationKey(path), lambda: 0)  # also those that have ended
        keeper.opened(newest.key, newest.value["secrets"])
        yield True, told, ""
    except SurveymarkError as error:
        yield False, f"{told}; {error.message}", "put back the key of the installation that enrolled them"
