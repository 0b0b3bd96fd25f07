-- Empties a slice of the titles, tags and addresses of one platform that were last seen before an instant: those of a
-- broadcast that was not sampled since, or was seen with others since; none are left when no row is told.
-- Category and language stay: they are part of numbers that may be kept longer.
UPDATE live.broadcast_detail AS old
SET
    title = NULL,
    thumbnail_url = NULL,
    watch_url = NULL,
    tags = '{}',
    forgotten_at = %(now)s
WHERE old.detail_key = ANY(ARRAY(
    SELECT detail.detail_key
    FROM live.broadcast_detail AS detail
    INNER JOIN live.broadcast AS broadcast ON broadcast.broadcast_key = detail.broadcast_key
    WHERE
        broadcast.platform = %(platform)s::live.platform
        AND detail.forgotten_at IS NULL
        AND detail.observed_from < %(before)s
        AND (
            COALESCE(broadcast.last_sampled_at < %(before)s, TRUE)
            OR (
                EXISTS (
                    SELECT
                    FROM live.broadcast_detail AS later
                    WHERE
                        later.broadcast_key = detail.broadcast_key
                        AND later.observed_from > detail.observed_from
                        AND later.observed_from < %(before)s
                )
                AND NOT EXISTS (
                    SELECT
                    FROM live.sample AS latest
                    WHERE
                        latest.platform = %(platform)s::live.platform
                        AND latest.sampled_at = broadcast.last_sampled_at
                        AND latest.broadcast_key = broadcast.broadcast_key
                        AND latest.detail_key = detail.detail_key
                )
            )
        )
    LIMIT %(slice)s
))
