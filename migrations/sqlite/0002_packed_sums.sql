-- Data folders of before 0.1.0 kept the sums in plain columns and the tools in a table of their own. They are made anew from
-- the requests: without its mark the price book counts as changed, and a repricing computes every sum.
DROP TABLE IF EXISTS tools_15m;
DROP TABLE usage_15m;
CREATE TABLE usage_15m (
    quarter INTEGER NOT NULL,
    dim_id  INTEGER NOT NULL,
    sums    BLOB NOT NULL,
    tools   BLOB,
    PRIMARY KEY (quarter, dim_id)
) STRICT, WITHOUT ROWID;
DELETE FROM meta WHERE key = 'price_book';
