-- One row per platform and hour that waits to be rolled up, in time order; reads only.
-- An hour that has not ended rests after it was computed: its marks wait for a later run.
SELECT DISTINCT
    dirty_hour.platform::TEXT AS platform,
    dirty_hour.hour
FROM trends.dirty_hour AS dirty_hour
WHERE
    (%(platform)s::live.platform IS NULL OR dirty_hour.platform = %(platform)s::live.platform)
    AND NOT EXISTS (
        SELECT
        FROM trends.platform_hour AS computed
        WHERE
            computed.platform = dirty_hour.platform
            AND computed.hour = dirty_hour.hour
            AND computed.hour + INTERVAL '1 hour' > %(now)s::TIMESTAMPTZ
            AND computed.computed_at > %(rests_since)s::TIMESTAMPTZ
    )
ORDER BY
    platform,
    hour
