-- One row an observation of one platform; the hours' own were deleted before, in the same transaction.
INSERT INTO trends.quality_check (
    platform,
    hour,
    check_name,
    severity,
    observed,
    least,
    most,
    checked_at
)
SELECT
    %(platform)s::live.platform,
    told.hour,
    told.check_name,
    told.severity,
    told.observed,
    told.least,
    told.most,
    %(now)s
FROM UNNEST(
    %(told_hours)s::TIMESTAMPTZ[],
    %(check_names)s::TEXT[],
    %(severities)s::TEXT[],
    %(observed)s::DOUBLE PRECISION[],
    %(least)s::DOUBLE PRECISION[],
    %(most)s::DOUBLE PRECISION[]
) AS told (hour, check_name, severity, observed, least, most)
RETURNING
    severity,
    passed
