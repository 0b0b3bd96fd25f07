-- One row, or none where the store was never stamped: what kind of data it holds; reads only.
SELECT
    stamp.kind,
    stamp.stamped_at
FROM policy.store_stamp AS stamp;
