-- One row: how many days of a zone the calendar has from the first to the last one given, and whether the numbers of any
-- may still change; reads only. A day stays provisional until an hour after its end, while a roll-up of it is waiting, and
-- where a quality check blocks.
SELECT
    COUNT(*) AS days,
    COALESCE(
        BOOL_OR(
            zone_day.ends_at + INTERVAL '1 hour' > %(now)s
            OR EXISTS (
                SELECT
                FROM trends.dirty_day AS waiting
                WHERE
                    waiting.zone = zone_day.zone
                    AND waiting.day = zone_day.day
            )
            OR EXISTS (
                SELECT
                FROM trends.blocked_day AS blocked
                WHERE
                    blocked.zone = zone_day.zone
                    AND blocked.day = zone_day.day
            )
        ),
        TRUE
    ) AS is_provisional
FROM trends.zone_day AS zone_day
WHERE
    zone_day.zone = %(zone)s
    AND zone_day.day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE;
