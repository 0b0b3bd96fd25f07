-- One row per platform: how long its samples and its statistics may be kept; reads only.
SELECT
    platform::TEXT AS platform,
    raw_age,
    statistics_age
FROM policy.platform_policy
