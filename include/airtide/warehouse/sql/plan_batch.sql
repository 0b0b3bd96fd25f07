-- One planned batch a platform: a second one is refused by its unique index.
INSERT INTO ingest.batch (platform, ranges, topic_ids, state, planned_at)
VALUES (
    %(platform)s,
    %(ranges)s,
    %(topic_ids)s,
    'planned',
    %(now)s
)
RETURNING batch_id
