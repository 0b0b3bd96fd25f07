-- One row: how many distinct hours and days wait to be rolled up again; reads only.
SELECT
    (SELECT COUNT(DISTINCT (waiting.platform, waiting.hour)) FROM trends.dirty_hour AS waiting) AS dirty_hours,
    (SELECT COUNT(DISTINCT (waiting.platform, waiting.zone, waiting.day)) FROM trends.dirty_day AS waiting) AS dirty_days,
    (SELECT MAX(rolled.computed_at) FROM trends.platform_hour AS rolled) AS last_rolled_up_at;
