-- One row per platform that policy leaves out of rankings over several platforms; reads only.
SELECT platform::TEXT
FROM policy.platform_policy
WHERE NOT in_combined_rank
ORDER BY platform;
