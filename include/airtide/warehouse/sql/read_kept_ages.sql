-- How long raw data, texts and statistics of one platform may be kept; reads only.
SELECT
    raw_age,
    text_age,
    statistics_age
FROM policy.platform_policy
WHERE platform = %(platform)s::live.platform
