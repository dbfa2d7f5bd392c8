CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counters (name, value) VALUES ('events', 0), ('entities', 0), ('keys', 0), ('forgotten', 0);

CREATE TABLE events (
  seq BIGINT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  time BIGINT NOT NULL,
  value DOUBLE PRECISION,
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
  available_from BIGINT,
  available_until BIGINT,
  is_deleted INTEGER NOT NULL,
  updated BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX entities_by_revision ON entities (kind, revision);

CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  hash BYTEA NOT NULL,
  scopes INTEGER NOT NULL,
  name TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT,
  revoked BIGINT
);

CREATE TABLE recommendations (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  time BIGINT NOT NULL,
  bundle TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX recommendations_by_user ON recommendations (user_id, time);
CREATE INDEX recommendations_by_time ON recommendations (time);

CREATE TABLE forgotten (user_hash TEXT PRIMARY KEY, time BIGINT NOT NULL, seq BIGINT NOT NULL);
