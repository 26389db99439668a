-- The keys by which requests are counted once, beside the requests instead of in an index over them: a first import writes
-- them in one go, sorted, without reading the requests again.
CREATE TABLE request_keys (
    key INTEGER PRIMARY KEY,                  -- base::hash64 of message_id, next free number on a collision
    id  INTEGER NOT NULL                      -- requests.id
) STRICT, WITHOUT ROWID;
INSERT INTO request_keys SELECT key, id FROM requests ORDER BY key;
DROP INDEX requests_by_key;
ALTER TABLE requests DROP COLUMN key;
