-- One row per platform whose landing has run: lag, last figures, and the error while it fails; reads only.
SELECT
    platform::TEXT AS platform,
    lags,
    lag_measured_at,
    landed_at,
    batches,
    messages,
    samples,
    seconds,
    failing_since,
    error
FROM ingest.landing_status
WHERE platform = ANY(%(platforms)s::live.platform[])
ORDER BY platform
