-- Gives up the platform's planned batch; its ranges are planned anew.
UPDATE ingest.batch
SET state = 'superseded'
WHERE platform = %(platform)s
    AND state = 'planned'
