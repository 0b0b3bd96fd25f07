-- How long one platform's raw data may be kept; reads only.
SELECT raw_age
FROM policy.platform_policy
WHERE platform = %(platform)s
