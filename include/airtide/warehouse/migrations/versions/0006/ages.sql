-- What forgetting needs: texts are emptied beside numbers that may be kept longer, and what nothing tells of any more goes.
ALTER TABLE live.broadcast_detail ADD COLUMN forgotten_at TIMESTAMPTZ;
COMMENT ON COLUMN live.broadcast_detail.forgotten_at IS
    'since when title, tags and addresses are empty, because they got too old; NULL again once they are seen again';
GRANT DELETE ON live.channel, live.broadcast, live.broadcast_detail TO airtide_ingest;
