-- How long raw data, texts, statistics and pictures of one platform may be kept; reads only.
SELECT
    raw_age,
    text_age,
    statistics_age,
    CASE WHEN pictures = 'capture' THEN picture_age ELSE INTERVAL '0' END AS picture_age
FROM policy.platform_policy
WHERE platform = %(platform)s::live.platform
