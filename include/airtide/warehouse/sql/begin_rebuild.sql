-- One landed batch without ranges, to be told what it has landed when that is written.
INSERT INTO ingest.batch (platform, ranges, topic_ids, state, planned_at, landed_at, snapshots, dead_letters, expired)
VALUES (
    %(platform)s,
    '[]',
    %(topic_ids)s,
    'landed',
    %(now)s,
    %(now)s,
    0,
    0,
    0
)
RETURNING batch_id
