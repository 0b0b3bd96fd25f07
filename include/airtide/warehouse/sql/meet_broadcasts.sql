-- What one batch tells of broadcasts beside what was known of them before, one row each; gone with its transaction.
-- The end that is known is the site's own: an inferred one changes no number.
CREATE TEMPORARY TABLE met_broadcast ON COMMIT DROP AS
SELECT
    told.broadcast_key,
    told.started_at,
    told.ended_at,
    told.first_sampled_at,
    told.last_sampled_at,
    told.first_viewers,
    told.first_unchanged_until,
    told.first_unchanged_samples,
    known.broadcast_key IS NOT NULL AS is_known,
    known.started_at AS known_started_at,
    CASE WHEN known.ended_by = 'site' THEN known.ended_at END AS known_ended_at,
    known.first_sampled_at AS known_first_sampled_at,
    known.last_sampled_at AS known_last_sampled_at,
    known.last_viewers AS known_last_viewers,
    known.unchanged_since AS known_unchanged_since,
    known.unchanged_samples AS known_unchanged_samples
FROM pg_temp.told_broadcast AS told
LEFT JOIN live.broadcast AS known ON known.broadcast_key = told.broadcast_key
