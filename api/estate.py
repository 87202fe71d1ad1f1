"""What may be asked of an estate and done to it, whichever way it is reached: the use cases behind CLI, API and page.

`LocalEstate` answers from a store that this process opened, `RemoteEstate` from a server's API. Both give the JSON documents
of architecture.md section 5. `at` is what people write: a revision number, ISO 8601 with offset, a date, "2h ago".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # commands are listed where only Python 3.9 is, which has no such dataclasses
    from cmdb.damage import Progress
    from cmdb.model.errors import SurveymarkError

Document = dict[str, Any]


class Estate(Protocol):
    """Every use case of the core; errors are those of cmdb.model.errors."""

    def find(self, query: str, at: str | None = None, cursor: str | None = None, limit: int = 100) -> Document: ...

    def show(self, id: str, at: str | None = None) -> Document: ...

    def history(self, id: str, at: str | None = None, cursor: str | None = None, limit: int = 100) -> Document: ...

    def neighbours(self, id: str, at: str | None = None, cursor: str | None = None, limit: int = 100) -> Document: ...

    def summary(self, id: str, at: str | None = None) -> Document: ...

    def explain(self, id: str, at: str | None = None) -> Document:
        """Of the present only."""

    def impact(
        self, ids: Sequence[str], down: Sequence[str] = (), at: str | None = None, keep: bool = False
    ) -> Document:
        """With `keep` the report becomes a document, and the member "document" is its digest."""

    def topology(
        self,
        ids: Sequence[str] = (),
        queries: Sequence[str] = (),
        depth: int | None = None,
        classes: Sequence[str] = (),
        most: int | None = None,
        at: str | None = None,
    ) -> Document:
        """The physical map (cmdb.physical_topology): all of it, or what is wired to the CIs that are named."""

    def derive_links(self, dry_run: bool = False) -> Document:
        """All links between ports, from the evidence that there is (cmdb.deriving)."""

    def derive_links_of_what_came(self) -> Document | None:
        """The same at the end of a sweep, where evidence came in and no server does it by itself."""

    def drift(self, name: str, at: str | None = None, against: str | None = None, keep: bool = False) -> Document:
        """`keep` as in `impact`."""

    def baselines(self) -> Document: ...

    def baseline(self, name: str) -> Document: ...

    def create_baseline(self, name: str, scope: str, at: str | None = None) -> Document: ...

    def approve_baseline(self, name: str, digest: str, self_reason: str | None = None) -> Document: ...

    def verify_baseline(self, name: str) -> Document: ...

    def records(self, kind: str, at: str | None = None) -> Document: ...

    def record(self, kind: str, key: str, at: str | None = None) -> Document: ...

    def add_record(self, kind: str, key: str, said: Mapping[str, Any]) -> Document:
        """`said` has what records.add takes: title, link, start, end, cis, pins; beside these `impact` (true: of the CIs
        that the record affects, or a list of ids and queries) and `drift` (names of baselines) to be pinned."""

    def conflicts(
        self, every: bool = False, at: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Document:
        """Those that are open; with `every` all."""

    def conflict(self, number: str, at: str | None = None) -> Document: ...

    def resolve_conflict(self, number: str, proposal: str, reason: str) -> Document:
        """Does what the proposal says; the conflict as `conflict` shows it."""

    def merge(self, id: str, other: str, reason: str) -> Document:
        """{"ci", "merged", "revision"}; `id` survives."""

    def split(self, id: str, reason: str, sources: Sequence[str] = ()) -> Document:
        """{"ci", "split", "revision"}: undoes a merge; with `sources` what these report becomes a CI of its own."""

    def attributes(self, at: str | None = None) -> Document:
        """The store's own attributes."""

    def add_attribute(self, class_name: str, name: str, said: Mapping[str, Any]) -> Document:
        """`said` has `type` (string, integer, boolean, list), `text` and `reason`."""

    def remove_attribute(self, class_name: str, name: str, reason: str) -> Document: ...

    def tags(self, at: str | None = None) -> Document: ...

    def import_file(
        self, data: bytes, said: Mapping[str, Any], progress: Callable[[int, int], None] | None = None
    ) -> Document:
        """`said` has `format`, `source`, `class`, `columns` (names by column), `match` (attributes), `partly`, `complete`,
        `dry_run`, `expect`; `progress` is told how many rows of how many are done."""

    def edit(self, query: str, said: Mapping[str, Any]) -> Document:
        """Bulk edit of people's attributes (cmdb.edit). `said` has `set` (values by attribute), `unset`, `tag`, `untag`
        (lists), `reason`, `dry_run`, and `expect`, the digest of a dry run that this has to do exactly."""

    def retire(self, id: str, reason: str) -> Document:
        """By hand, with all parts (cmdb.by_hand)."""

    def restore(self, id: str, reason: str) -> Document:
        """What was retired by hand, as it was."""

    def freshness(self, dry_run: bool = False) -> Document:
        """What time alone changes (cmdb.freshness)."""

    def retention(self) -> Document: ...

    def set_retention(self, days: int | None, class_name: str | None, reason: str) -> Document:
        """An age in days of a class, or of all others; None takes it back (cmdb.retention)."""

    def run_retention(self, dry_run: bool = False) -> Document: ...

    def holds(self, at: str | None = None) -> Document: ...

    def add_hold(self, name: str, scope: str, reason: str) -> Document: ...

    def release_hold(self, name: str, reason: str) -> Document: ...

    def redact(self, id: str, attribute: str, reason: str) -> Document:
        """Erase a value, now and in all of the past (cmdb.redaction)."""

    def lift_redaction(self, id: str, attribute: str, reason: str) -> Document: ...

    def sweeps(self, cursor: str | None = None, limit: int = 100) -> Document:
        """Records of sweeps, newest first, without their targets (cmdb.sweeps)."""

    def sweep(
        self,
        id: str,
        outcomes: Sequence[str] = (),
        cursor: str | None = None,
        limit: int = 100,
        plan: bool = False,
    ) -> Document:
        """One with a page of its targets, of some outcomes or all; with `plan` how each is reached, for collectors."""

    def put_sweep(self, id: str, said: Mapping[str, Any]) -> Document:
        """`said` has `source`, `state`, `total`, `words` and `zone`."""

    def put_sweep_targets(self, id: str, targets: Sequence[Mapping[str, Any]]) -> Document:
        """Up to 1,000, each with `number`, and `plan` or `result` or both."""

    def submit_many(self, batches: Sequence[bytes]) -> list[Document | SurveymarkError]:
        """Each with its receipt, or why it was not taken; some in one transaction where the store is this process's."""

    def submit(self, batch: bytes, sent_at: int | None = None) -> Document:
        """`sent_at` is the sender's clock when it sends, microseconds; over HTTP it goes as Date."""

    def digest_key(self) -> bytes: ...

    def create_token(
        self,
        name: str,
        roles: Sequence[str],
        expires: str,
        source: str | None,
        enrolling: Mapping[str, Any] | None = None,
    ) -> Document:
        """`enrolling` is for role enrol: `count`, `networks`, `approve` (tokens.Enrolling)."""

    def agents(self, cursor: str | None = None, limit: int = 100) -> Document:
        """The agents that were enrolled, without their secrets."""

    def agent(self, id: str) -> Document: ...

    def approve_agent(self, id: str, replace: bool = False) -> Document:
        """Let a pending agent report; with `replace` the keys end that were enrolled with its identifiers."""

    def revoke_agent(self, id: str, reason: str = "") -> Document: ...

    def rotate_agent(self, id: str) -> Document:
        """Its secret ends within a day; the agent takes a new one when it next comes."""

    def ask_agent(self, id: str, what: str) -> Document:
        """Ask it for `full_report` or `pass_now`."""

    def list_tokens(self) -> Document: ...

    def revoke_token(self, id: str) -> Document: ...

    def document(self, digest: str) -> bytes: ...

    def doctor(self, chain: bool = False, progress: Progress | None = None, anchors: Path | None = None) -> Document:
        """`progress` is told how far it has come; `anchors` is a file to compare with. Both are for a store that this process
        opened: of a server they are refused or not told.
        """
