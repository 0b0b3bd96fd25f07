-- One row the platform: how its last landing ended. Again it replaces; what this run did not measure or land stays.
INSERT INTO ingest.landing_status AS status (
    platform,
    lags,
    lag_measured_at,
    landed_at,
    batches,
    messages,
    samples,
    seconds,
    failing_since,
    failed_at,
    error
)
VALUES (
    %(platform)s,
    COALESCE(%(lags)s::JSONB, '[]'),
    CASE WHEN %(lags)s::JSONB IS NOT NULL THEN %(at)s::TIMESTAMPTZ END,
    CASE WHEN %(batches)s > 0 THEN %(at)s::TIMESTAMPTZ END,
    NULLIF(%(batches)s, 0),
    CASE WHEN %(batches)s > 0 THEN %(messages)s::BIGINT END,
    CASE WHEN %(batches)s > 0 THEN %(samples)s::BIGINT END,
    CASE WHEN %(batches)s > 0 THEN %(seconds)s::DOUBLE PRECISION END,
    CASE WHEN %(error)s::TEXT IS NOT NULL THEN %(at)s::TIMESTAMPTZ END,
    CASE WHEN %(error)s::TEXT IS NOT NULL THEN %(at)s::TIMESTAMPTZ END,
    %(error)s
)
ON CONFLICT (platform) DO UPDATE
SET
    lags = CASE WHEN EXCLUDED.lag_measured_at IS NULL THEN status.lags ELSE EXCLUDED.lags END,
    lag_measured_at = COALESCE(EXCLUDED.lag_measured_at, status.lag_measured_at),
    landed_at = COALESCE(EXCLUDED.landed_at, status.landed_at),
    batches = COALESCE(EXCLUDED.batches, status.batches),
    messages = COALESCE(EXCLUDED.messages, status.messages),
    samples = COALESCE(EXCLUDED.samples, status.samples),
    seconds = COALESCE(EXCLUDED.seconds, status.seconds),
    failing_since = CASE WHEN EXCLUDED.error IS NOT NULL THEN COALESCE(status.failing_since, EXCLUDED.failing_since) END,
    failed_at = EXCLUDED.failed_at,
    error = EXCLUDED.error
