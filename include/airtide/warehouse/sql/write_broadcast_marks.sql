-- Puts on every broadcast's row of one day and platform the sums of the marks of its hours; where they are as they were,
-- the row stays untouched. A row that was changed at this moment already has its revision.
WITH told AS (
    SELECT
        broadcast_key,
        SUM(stuck_hours)::INTEGER AS stuck_hours,
        SUM(flat_hours)::INTEGER AS flat_hours,
        SUM(glitches)::INTEGER AS glitches,
        SUM(step_jumps)::INTEGER AS step_jumps
    FROM trends.broadcast_hour_mark
    WHERE
        platform = %(platform)s::live.platform
        AND hour >= %(starts_at)s
        AND hour < %(ends_at)s
    GROUP BY broadcast_key
),
sums AS (
    SELECT * FROM told
    UNION ALL
    SELECT
        day.broadcast_key,
        0 AS stuck_hours,
        0 AS flat_hours,
        0 AS glitches,
        0 AS step_jumps
    FROM trends.broadcast_day AS day
    WHERE
        day.zone = %(zone)s
        AND day.day = %(day)s
        AND day.platform = %(platform)s::live.platform
        AND (day.stuck_hours, day.flat_hours, day.glitches, day.step_jumps) <> (0, 0, 0, 0)
        AND day.broadcast_key NOT IN (SELECT told.broadcast_key FROM told)
)
UPDATE trends.broadcast_day AS kept
SET
    stuck_hours = sums.stuck_hours,
    flat_hours = sums.flat_hours,
    glitches = sums.glitches,
    step_jumps = sums.step_jumps,
    revision = kept.revision + CASE WHEN kept.computed_at = %(now)s THEN 0 ELSE 1 END,
    computed_at = %(now)s
FROM sums
WHERE
    kept.zone = %(zone)s
    AND kept.day = %(day)s
    AND kept.platform = %(platform)s::live.platform
    AND kept.broadcast_key = sums.broadcast_key
    AND (kept.stuck_hours, kept.flat_hours, kept.glitches, kept.step_jumps)
    IS DISTINCT FROM (sums.stuck_hours, sums.flat_hours, sums.glitches, sums.step_jumps)
