"""Tables of the SQLite store.

Current and past are separate: `ci` and `link` hold only what is true now, so reads never filter history away. `ci.num` is
the store's own number of a CI and never leaves it. Names of a CI are not stored: they follow from class, key and attributes.

FIRST is schema 1, ADDED what each later one adds; a new store gets all of it, an older one what it lacks (see
sqlite_store_migrations).
"""

from __future__ import annotations

from collections.abc import Iterator

APPLICATION_ID = 0x53564D4B  # "SVMK", pragma application_id: tells our files from other people's
VERSION = 3

FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE word (code INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, committed_at INTEGER NOT NULL, digest TEXT NOT NULL,
  next_num INTEGER NOT NULL) STRICT;
CREATE TABLE revision (
  number INTEGER PRIMARY KEY, committed_at INTEGER NOT NULL UNIQUE, kind TEXT NOT NULL, source TEXT NOT NULL,
  actor TEXT NOT NULL, cause TEXT NOT NULL, batch TEXT UNIQUE, batch_digest TEXT, observed_at INTEGER,
  received_at INTEGER, previous TEXT NOT NULL, digest TEXT NOT NULL, changes INTEGER NOT NULL, receipt TEXT) STRICT;

CREATE TABLE ci (
  num INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, class INTEGER NOT NULL, parent INTEGER, key TEXT NOT NULL,
  listed TEXT NOT NULL, attributes TEXT NOT NULL, identifiers TEXT, salt BLOB NOT NULL, digest BLOB NOT NULL,
  since INTEGER NOT NULL, born INTEGER NOT NULL, not_before INTEGER, scope INTEGER) STRICT;
CREATE UNIQUE INDEX ci_part ON ci (parent, class, key) WHERE parent IS NOT NULL;
CREATE INDEX ci_listed ON ci (class, listed);
CREATE INDEX ci_since ON ci (since);
CREATE TABLE identifier (value TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (value, id)) STRICT, WITHOUT ROWID;
CREATE TABLE key (field INTEGER NOT NULL, value ANY NOT NULL, ci INTEGER NOT NULL, PRIMARY KEY (field, value, ci))
  STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE text USING fts5 (
  tokens, content='', tokenize='ascii', detail=none, columnsize=0);
CREATE TABLE link (
  subject INTEGER NOT NULL, type INTEGER NOT NULL, object INTEGER NOT NULL, attributes TEXT NOT NULL, salt BLOB NOT NULL,
  digest BLOB NOT NULL, since INTEGER NOT NULL, not_before INTEGER, scope INTEGER,
  PRIMARY KEY (subject, type, object)) STRICT, WITHOUT ROWID;
CREATE INDEX link_object ON link (object, type);
CREATE INDEX link_scope ON link (scope) WHERE scope IS NOT NULL;
CREATE INDEX link_since ON link (since);

CREATE TABLE past (
  num INTEGER NOT NULL, until INTEGER NOT NULL, since INTEGER NOT NULL, born INTEGER NOT NULL, id TEXT NOT NULL,
  class INTEGER NOT NULL, parent TEXT, key TEXT NOT NULL, attributes TEXT NOT NULL, identifiers TEXT, salt BLOB NOT NULL,
  digest BLOB NOT NULL, not_before INTEGER, scope INTEGER, retired INTEGER NOT NULL, witness TEXT,
  ended_not_before INTEGER, PRIMARY KEY (id, until)) STRICT;
CREATE INDEX past_parent ON past (parent, until) WHERE parent IS NOT NULL;
CREATE INDEX past_part ON past (parent, class, key) WHERE retired;
CREATE INDEX past_since ON past (since);
CREATE INDEX past_until ON past (until);
CREATE TABLE past_link (
  subject TEXT NOT NULL, type INTEGER NOT NULL, object TEXT NOT NULL, until INTEGER NOT NULL, since INTEGER NOT NULL,
  attributes TEXT NOT NULL, salt BLOB NOT NULL, digest BLOB NOT NULL, not_before INTEGER, scope INTEGER,
  retired INTEGER NOT NULL, witness TEXT, ended_not_before INTEGER,
  PRIMARY KEY (subject, type, object, until)) STRICT, WITHOUT ROWID;
CREATE INDEX past_link_object ON past_link (object, until);
CREATE INDEX past_link_since ON past_link (since);
CREATE INDEX past_link_until ON past_link (until);

CREATE TABLE scope (
  number INTEGER PRIMARY KEY, source TEXT NOT NULL, subject TEXT NOT NULL, section TEXT NOT NULL, route TEXT NOT NULL,
  outcome TEXT NOT NULL, reason TEXT NOT NULL, privilege TEXT NOT NULL, version INTEGER NOT NULL, classes TEXT NOT NULL,
  relations TEXT NOT NULL, digest TEXT NOT NULL, observed_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,
  sequence INTEGER NOT NULL, cost TEXT NOT NULL, collected_at INTEGER, ever_full INTEGER NOT NULL,
  UNIQUE (subject, source, section)) STRICT;
CREATE TABLE coverage (
  subject TEXT NOT NULL, section TEXT NOT NULL, source TEXT NOT NULL, seen_at INTEGER NOT NULL, outcome TEXT NOT NULL,
  reason TEXT NOT NULL, privilege TEXT NOT NULL, version INTEGER NOT NULL, classes TEXT NOT NULL, relations TEXT NOT NULL,
  PRIMARY KEY (subject, section, source, seen_at)) STRICT, WITHOUT ROWID;
CREATE TABLE claim (
  ci INTEGER NOT NULL, scope INTEGER NOT NULL, attributes TEXT NOT NULL, identifiers TEXT, PRIMARY KEY (ci, scope)
  ) STRICT, WITHOUT ROWID;
CREATE INDEX claim_scope ON claim (scope);
CREATE TABLE link_claim (
  subject INTEGER NOT NULL, type INTEGER NOT NULL, object INTEGER NOT NULL, scope INTEGER NOT NULL,
  attributes TEXT NOT NULL, PRIMARY KEY (subject, type, object, scope)) STRICT, WITHOUT ROWID;
CREATE INDEX link_claim_scope ON link_claim (scope);
CREATE TABLE pending (
  scope INTEGER NOT NULL, type TEXT NOT NULL, near TEXT NOT NULL, near_end TEXT NOT NULL, domain TEXT NOT NULL,
  address TEXT NOT NULL, protocol TEXT NOT NULL, port INTEGER NOT NULL, attributes TEXT NOT NULL,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, passes INTEGER NOT NULL, far TEXT,
  PRIMARY KEY (scope, type, near, near_end, domain, address, protocol, port)) STRICT, WITHOUT ROWID;
CREATE INDEX pending_near ON pending (near);
CREATE INDEX pending_address ON pending (domain, address);
CREATE INDEX pending_far ON pending (far) WHERE far IS NOT NULL;
CREATE TABLE reading (
  subject TEXT NOT NULL, section TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (subject, section)) STRICT, WITHOUT ROWID;
CREATE TABLE same (
  subject TEXT NOT NULL, source TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (subject, source)) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
  kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, since INTEGER NOT NULL, salt BLOB NOT NULL,
  digest BLOB NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
CREATE TABLE past_entry (
  kind TEXT NOT NULL, key TEXT NOT NULL, until INTEGER NOT NULL, value TEXT NOT NULL, since INTEGER NOT NULL,
  salt BLOB NOT NULL, digest BLOB NOT NULL, retired INTEGER NOT NULL, PRIMARY KEY (kind, key, until)) STRICT, WITHOUT ROWID;
CREATE TABLE note (
  kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
CREATE TABLE document (digest TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
"""

ADDED: dict[int, str] = {
    2: """
CREATE TABLE raw (
  number INTEGER PRIMARY KEY, batch TEXT NOT NULL, source TEXT NOT NULL, route TEXT NOT NULL, actor TEXT NOT NULL,
  received_at INTEGER NOT NULL, outcome TEXT NOT NULL, revision INTEGER, ci TEXT, size_bytes INTEGER NOT NULL,
  bodies TEXT NOT NULL, data BLOB NOT NULL) STRICT;
CREATE INDEX raw_size ON raw (size_bytes);
CREATE TABLE raw_body (
  digest TEXT PRIMARY KEY, uses INTEGER NOT NULL, size_bytes INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE INDEX raw_body_size ON raw_body (size_bytes);
ALTER TABLE scope ADD COLUMN collected_sequence INTEGER;
CREATE INDEX past_retired ON past (class, until) WHERE retired;
""",
    3: """
CREATE TABLE sweep (
  id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, started_at INTEGER NOT NULL, targets INTEGER NOT NULL,
  value TEXT NOT NULL) STRICT;
CREATE TABLE sweep_target (
  sweep TEXT NOT NULL, number INTEGER NOT NULL, outcome TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (sweep, number)
  ) STRICT, WITHOUT ROWID;
CREATE INDEX sweep_target_outcome ON sweep_target (sweep, outcome);
""",
}
"""Tables and indexes that a schema adds, by its number."""


def statements(ddl: str) -> Iterator[str]:
    """The single statements of a text like those above."""
    return (statement for statement in ddl.split(";\n") if statement.strip())


def whole() -> Iterator[str]:
    """What makes a new store."""
    yield from statements(FIRST)
    for number in sorted(ADDED):
        yield from statements(ADDED[number])
