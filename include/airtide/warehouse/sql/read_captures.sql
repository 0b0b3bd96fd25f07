-- One row per platform whose pictures were ever to be captured: lag, last figures, the error while it fails; reads only.
SELECT
    platform::TEXT AS platform,
    lags,
    lag_measured_at,
    captured_at,
    pictures,
    failing_since,
    error
FROM ingest.capture_status
WHERE platform = ANY(%(platforms)s::live.platform[])
ORDER BY platform
