-- What one batch makes stale, a row an hour and a row a zone day; runs before the batch's broadcasts are written.
-- The rule is that of domain/dirty.py. Instants are cut to their hours: days begin at whole hours, so nothing is lost,
-- and the changes of very many broadcasts become a few stretches of hours.
WITH bounds AS (
    SELECT
        known_first_sampled_at AS old_first,
        known_last_sampled_at AS old_last,
        known_started_at AS old_start,
        known_ended_at AS old_end,
        LEAST(known_first_sampled_at, first_sampled_at) AS new_first,
        GREATEST(known_last_sampled_at, last_sampled_at) AS new_last,
        LEAST(known_started_at, started_at) AS new_start,
        GREATEST(known_ended_at, ended_at) AS new_end
    FROM pg_temp.met_broadcast
),
-- GREATEST passes over NULL, so that the last sample stands in for the end of live time where no end is known; a front
-- that did not change is left out, so that what differs only by it becomes one row before anything is worked out
changed AS (
    SELECT DISTINCT
        CASE WHEN (old_start, old_first) IS DISTINCT FROM (new_start, new_first) THEN old_first END AS old_first,
        CASE WHEN (old_start, old_first) IS DISTINCT FROM (new_start, new_first) THEN new_first END AS new_first,
        old_last,
        new_last,
        CASE WHEN old_last IS NOT NULL THEN GREATEST(old_end, old_last) END AS old_until,
        GREATEST(new_end, new_last) AS new_until,
        CASE WHEN old_end IS DISTINCT FROM new_end THEN GREATEST(LEAST(old_end, new_end), new_first) END AS regarded_from,
        CASE WHEN old_end IS NULL THEN new_last ELSE LEAST(GREATEST(old_end, new_end), new_last) END AS regarded_until,
        (old_end, old_last) IS DISTINCT FROM (new_end, new_last) AS is_back,
        old_first IS NULL AS is_new
    FROM bounds
    WHERE new_first IS NOT NULL
        AND (old_start, old_end, old_first, old_last) IS DISTINCT FROM (new_start, new_end, new_first, new_last)
),
cut AS MATERIALIZED (
    SELECT DISTINCT
        DATE_BIN('1 hour', old_first, 'epoch') AS old_first,
        DATE_BIN('1 hour', old_last, 'epoch') AS old_last,
        DATE_BIN('1 hour', new_first, 'epoch') AS new_first,
        DATE_BIN('1 hour', new_last, 'epoch') AS new_last,
        DATE_BIN('1 hour', old_until, 'epoch') AS old_until,
        DATE_BIN('1 hour', new_until, 'epoch') AS new_until,
        DATE_BIN('1 hour', regarded_from, 'epoch') AS regarded_from,
        DATE_BIN('1 hour', regarded_until, 'epoch') AS regarded_until,
        is_back,
        regarded_from <= regarded_until AS is_regarded,
        is_new,
        old_first <> new_first AS is_first_moved,
        old_until <> new_until AS is_until_moved
    FROM changed
),
-- the samples: the new ones, the first and last of old and new, and those that a moved end takes in or leaves out
reached AS (
    SELECT
        hour AS from_hour,
        hour AS to_hour
    FROM UNNEST(%(sample_hours)s::TIMESTAMPTZ[]) AS hour
    UNION
    SELECT
        hour,
        hour
    FROM cut
    CROSS JOIN LATERAL (VALUES (TRUE, old_first), (TRUE, new_first), (is_back, old_last), (is_back, new_last))
        AS bounded (is_changed, hour)
    WHERE is_changed
        AND hour IS NOT NULL
    UNION
    SELECT
        regarded_from,
        regarded_until
    FROM cut
    WHERE is_regarded
),
stale_hours AS (
    SELECT
        hour,
        FALSE AS with_state
    FROM reached
    CROSS JOIN GENERATE_SERIES(
        from_hour - INTERVAL '1 hour', to_hour + INTERVAL '1 hour', INTERVAL '1 hour'
    ) AS hour
    UNION
    SELECT
        hour,
        TRUE
    FROM UNNEST(%(sample_hours)s::TIMESTAMPTZ[]) AS hour
),
-- around these samples, and where rows of days that are all hole come, go or change their live time
stale_spans AS (
    SELECT
        from_hour - INTERVAL '1 hour' AS from_hour,
        to_hour + INTERVAL '1 hour' AS to_hour
    FROM reached
    UNION
    SELECT
        LEAST(old_first, new_first),
        GREATEST(old_first, new_first)
    FROM cut
    WHERE is_first_moved
    UNION
    SELECT
        LEAST(old_until, new_until),
        GREATEST(old_until, new_until)
    FROM cut
    WHERE is_until_moved
    UNION
    SELECT
        new_first,
        new_until
    FROM cut
    WHERE is_new
),
marked_hours AS (
    INSERT INTO trends.dirty_hour (platform, hour, with_state, batch_id)
    SELECT
        %(platform)s,
        hour,
        BOOL_OR(with_state),
        %(batch_id)s
    FROM stale_hours
    GROUP BY hour
)
INSERT INTO trends.dirty_day (platform, zone, day, batch_id)
SELECT DISTINCT
    %(platform)s::live.platform,
    zone_day.zone,
    zone_day.day,
    %(batch_id)s::BIGINT
FROM stale_spans
JOIN trends.zone_day
    ON zone_day.starts_at <= stale_spans.to_hour
    AND zone_day.ends_at > stale_spans.from_hour
