-- Small facts that change with every commit lie together in one page: epoch, counters, cursors of the uplinks.
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
-- Which points a row's numbers belong to; stored once, referred to by every row.
CREATE TABLE layout (id INTEGER PRIMARY KEY, device TEXT NOT NULL, points TEXT NOT NULL, types TEXT NOT NULL);
-- One row a block. key = epoch << 38 | sequence. flags: bit 0 time trusted, rest the packing.
CREATE TABLE sample (
  key INTEGER PRIMARY KEY, layout INTEGER NOT NULL, time REAL NOT NULL, flags INTEGER NOT NULL,
  data BLOB NOT NULL, quality BLOB, reason TEXT
);
-- Which keys a layout has in a stretch of time; written once a minute, because an index kept with every row
-- would write five times the data.
CREATE TABLE posting (
  layout INTEGER NOT NULL, low REAL NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, high REAL NOT NULL,
  offsets BLOB NOT NULL, PRIMARY KEY (layout, low, first)
) WITHOUT ROWID;
CREATE TABLE document (
  kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
-- hash = sha256(previous || record); record is canonical JSON.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL
);
-- What an uplink will never get, and why.
CREATE TABLE gap (
  id INTEGER PRIMARY KEY, uplink TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  blocks INTEGER NOT NULL, low REAL, high REAL, made REAL NOT NULL, reason TEXT NOT NULL, delivered INTEGER NOT NULL DEFAULT 0
);
-- What a receiver refused for good.
CREATE TABLE dead_letter (
  id INTEGER PRIMARY KEY, uplink TEXT NOT NULL, made REAL NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  error TEXT NOT NULL, body BLOB NOT NULL
);
