-- One row the platform: how the last run that captures its pictures ended. Again it replaces; what was not measured
-- or captured stays.
INSERT INTO ingest.capture_status AS status (
    platform,
    lags,
    lag_measured_at,
    captured_at,
    pictures,
    failing_since,
    error
)
VALUES (
    %(platform)s,
    COALESCE(%(lags)s::JSONB, '[]'),
    CASE WHEN %(lags)s::JSONB IS NOT NULL THEN %(at)s::TIMESTAMPTZ END,
    CASE WHEN %(pictures)s > 0 THEN %(at)s::TIMESTAMPTZ END,
    NULLIF(%(pictures)s, 0),
    CASE WHEN %(error)s::TEXT IS NOT NULL THEN %(at)s::TIMESTAMPTZ END,
    %(error)s
)
ON CONFLICT (platform) DO UPDATE
SET
    lags = CASE WHEN EXCLUDED.lag_measured_at IS NULL THEN status.lags ELSE EXCLUDED.lags END,
    lag_measured_at = COALESCE(EXCLUDED.lag_measured_at, status.lag_measured_at),
    captured_at = COALESCE(EXCLUDED.captured_at, status.captured_at),
    pictures = COALESCE(EXCLUDED.pictures, status.pictures),
    failing_since = CASE WHEN EXCLUDED.error IS NOT NULL THEN COALESCE(status.failing_since, EXCLUDED.failing_since) END,
    error = EXCLUDED.error
