-- Instants are microseconds since 1970, UTC. An end that is NULL is open.

-- change holds one row: how many changes the directory has had.
CREATE TABLE change (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL) STRICT;
INSERT INTO change VALUES (1, 0);

CREATE TABLE account (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL) STRICT;

-- principal: a user or role, from its creation to its deletion. One that is
-- created again is another row.
CREATE TABLE principal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  partition TEXT NOT NULL, account TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'role')),
  name TEXT NOT NULL, fold TEXT NOT NULL, path TEXT NOT NULL,
  unique_id TEXT NOT NULL UNIQUE,
  -- 1: the unique id was made here for a principal that bills name, and AWS's
  -- own is not known yet
  provisional INTEGER NOT NULL,
  created INTEGER NOT NULL, deleted INTEGER,
  description TEXT NOT NULL, trust TEXT NOT NULL, max_session INTEGER NOT NULL, boundary TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX principal_live ON principal (account, kind, fold) WHERE deleted IS NULL;
CREATE INDEX principal_name ON principal (kind, fold);

-- named: which name a principal had when; a bill of that time names it so.
CREATE TABLE named (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  principal INTEGER NOT NULL REFERENCES principal, name TEXT NOT NULL, fold TEXT NOT NULL,
  since INTEGER NOT NULL, until INTEGER
) STRICT;
CREATE INDEX named_principal ON named (principal);

-- tag_change: the history; value NULL takes the key away.
CREATE TABLE tag_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  principal INTEGER NOT NULL REFERENCES principal, at INTEGER NOT NULL,
  fold TEXT NOT NULL, key TEXT NOT NULL, value TEXT
) STRICT;
CREATE INDEX tag_change_principal ON tag_change (principal, fold, at);

-- tag: what tag_change comes to, changed together with it.
CREATE TABLE tag (
  principal INTEGER NOT NULL REFERENCES principal, fold TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (principal, fold)
) STRICT, WITHOUT ROWID;

-- access_key: principal NULL is the account itself. secret is sealed.
CREATE TABLE access_key (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, principal INTEGER REFERENCES principal,
  active INTEGER NOT NULL, created INTEGER NOT NULL, sequence INTEGER NOT NULL, secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- session: credentials of an assumed role. token is the digest of the session
-- token, secret is sealed, tags and transitive are JSON.
CREATE TABLE session (
  id TEXT PRIMARY KEY, principal INTEGER NOT NULL REFERENCES principal, name TEXT NOT NULL,
  source_identity TEXT NOT NULL, tags TEXT NOT NULL, transitive TEXT NOT NULL,
  created INTEGER NOT NULL, expires INTEGER NOT NULL, token BLOB NOT NULL, secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_expires ON session (expires);

-- activation: every change of a cost allocation tag's state; the last counts.
CREATE TABLE activation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL, key TEXT NOT NULL, active INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL
) STRICT;
CREATE INDEX activation_key ON activation (source, key);

CREATE TABLE backfill (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  since INTEGER NOT NULL, requested INTEGER NOT NULL, completed INTEGER NOT NULL, by TEXT NOT NULL
) STRICT;

-- event: what was changed, by whom, as a record of CloudTrail.
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL,
  access_key TEXT NOT NULL, username TEXT NOT NULL, record TEXT NOT NULL
) STRICT;
CREATE INDEX event_at ON event (at, id);
CREATE TABLE event_resource (
  event INTEGER NOT NULL REFERENCES event, place INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (event, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_resource_name ON event_resource (name);

-- owner_file: an owners file that was taken in, in force from since on (NULL:
-- always) until a later one takes its place.
CREATE TABLE owner_file (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL, since INTEGER, at INTEGER NOT NULL
) STRICT;
CREATE TABLE owner_rule (
  file INTEGER NOT NULL REFERENCES owner_file, line INTEGER NOT NULL,
  match TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, since INTEGER, until INTEGER,
  PRIMARY KEY (file, line)
) STRICT, WITHOUT ROWID;
