-- One row per platform and closed hour that waits to be judged, the latest first: never judged, judged before its numbers
-- changed, or failed; reads only. Before the first hour asked for, those that failed and whose numbers have changed since.
-- Hours begin with the second one of a platform, since its first is cut, and end a day after its last: then its silence
-- is known. An hour whose states are stale waits for its roll-up; one whose samples have begun to expire keeps its judgement.
WITH spans AS (
    SELECT
        platform,
        MIN(hour) AS first_hour,
        MAX(hour) AS last_hour
    FROM trends.platform_hour
    WHERE samples > 0
    GROUP BY platform
),
asked AS (
    SELECT
        spans.platform,
        hour
    FROM spans
    CROSS JOIN GENERATE_SERIES(
        GREATEST(spans.first_hour + INTERVAL '1 hour', %(from_hour)s::TIMESTAMPTZ),
        LEAST(spans.last_hour + INTERVAL '1 day', %(last_hour)s::TIMESTAMPTZ),
        INTERVAL '1 hour'
    ) AS hour
    UNION
    SELECT
        failed.platform,
        failed.hour
    FROM trends.quality_check AS failed
    WHERE
        NOT failed.passed
        AND failed.hour < %(from_hour)s
        AND EXISTS (
            SELECT
            FROM (
                SELECT platform, hour, computed_at FROM trends.platform_hour
                UNION ALL
                SELECT platform, hour, computed_at FROM trends.broadcast_hour
            ) AS mended
            WHERE
                mended.platform = failed.platform
                AND mended.hour = failed.hour
                AND mended.computed_at > failed.checked_at
        )
),
judged AS (
    SELECT
        platform,
        hour,
        MAX(checked_at) AS checked_at,
        BOOL_AND(passed) AS passed
    FROM trends.quality_check
    WHERE
        hour >= %(from_hour)s
        AND hour <= %(last_hour)s
    GROUP BY
        platform,
        hour
)
SELECT
    asked.platform::TEXT AS platform,
    asked.hour
FROM asked
INNER JOIN policy.platform_policy AS policy
    ON policy.platform = asked.platform
LEFT JOIN judged
    ON judged.platform = asked.platform
    AND judged.hour = asked.hour
LEFT JOIN trends.platform_hour AS computed
    ON computed.platform = asked.platform
    AND computed.hour = asked.hour
WHERE
    asked.hour >= %(now)s::TIMESTAMPTZ - policy.raw_age
    AND (judged.checked_at IS NULL OR computed.computed_at > judged.checked_at OR NOT judged.passed)
    AND NOT EXISTS (
        SELECT
        FROM trends.dirty_hour AS waiting
        WHERE
            waiting.platform = asked.platform
            AND waiting.hour = asked.hour
            AND waiting.with_state
    )
ORDER BY
    asked.hour DESC,
    asked.platform
LIMIT %(limit)s
