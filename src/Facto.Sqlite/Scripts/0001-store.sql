CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT INTO counters (name, value) VALUES ('events', 0), ('entities', 0), ('keys', 0), ('forgotten', 0);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  time INTEGER NOT NULL,
  value REAL,
  context TEXT,
  recommendation TEXT,
  position INTEGER
);
CREATE INDEX events_by_user ON events (user_id, seq);
CREATE INDEX events_by_time ON events (time);

CREATE TABLE entities (
  kind INTEGER NOT NULL,
  id TEXT NOT NULL,
  attributes TEXT NOT NULL,
  is_hidden INTEGER NOT NULL,
  available_from INTEGER,
  available_until INTEGER,
  is_deleted INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX entities_by_revision ON entities (kind, revision);

CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  hash BLOB NOT NULL,
  scopes INTEGER NOT NULL,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER,
  revoked INTEGER
);

CREATE TABLE recommendations (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  time INTEGER NOT NULL,
  bundle TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX recommendations_by_user ON recommendations (user_id, time);
CREATE INDEX recommendations_by_time ON recommendations (time);

CREATE TABLE forgotten (user_hash TEXT PRIMARY KEY, time INTEGER NOT NULL, seq INTEGER NOT NULL);
