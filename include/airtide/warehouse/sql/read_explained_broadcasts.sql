-- One row per broadcast of one channel that was sampled near one day of a zone or is said to reach into it, in the order of
-- time, with its row of that day where it has one; reads only.
SELECT
    broadcast.broadcast_key,
    broadcast.broadcast_id,
    latest.title,
    broadcast.started_at,
    CASE WHEN broadcast.ended_by = 'site' THEN broadcast.ended_at END AS ended_at,
    broadcast.first_sampled_at,
    broadcast.last_sampled_at,
    kept.broadcast_key IS NOT NULL AS is_kept,
    kept.samples,
    kept.known_samples,
    kept.airtime_ms,
    kept.known_airtime_ms,
    kept.live_ms,
    kept.viewer_ms,
    kept.peak_viewers,
    kept.peak_at,
    COALESCE(kept.stuck_hours, 0) AS stuck_hours,
    COALESCE(kept.flat_hours, 0) AS flat_hours,
    COALESCE(kept.glitches, 0) AS glitches,
    COALESCE(kept.step_jumps, 0) AS step_jumps
FROM live.broadcast AS broadcast
LEFT JOIN trends.broadcast_day AS kept
    ON kept.zone = %(zone)s
    AND kept.day = %(day)s
    AND kept.platform = broadcast.platform
    AND kept.broadcast_key = broadcast.broadcast_key
LEFT JOIN LATERAL (
    SELECT seen.title
    FROM live.broadcast_detail AS seen
    WHERE
        seen.broadcast_key = broadcast.broadcast_key
        AND seen.observed_from < %(ends_at)s
    ORDER BY
        seen.observed_from DESC,
        seen.detail_key
    LIMIT 1
) AS latest ON TRUE
WHERE
    broadcast.channel_key = %(channel_key)s
    AND broadcast.first_sampled_at < %(until_at)s
    AND (
        kept.broadcast_key IS NOT NULL
        OR broadcast.last_sampled_at >= %(from_at)s
        OR (broadcast.ended_by = 'site' AND broadcast.ended_at > %(from_at)s)
    )
ORDER BY
    broadcast.first_sampled_at,
    broadcast.broadcast_key;
