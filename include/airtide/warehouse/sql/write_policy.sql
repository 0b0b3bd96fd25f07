-- One row a platform; a re-run replaces it with the same row.
INSERT INTO policy.platform_policy (
    platform,
    raw_age,
    text_age,
    statistics_age,
    picture_age,
    pictures,
    in_combined_rank,
    source_url,
    checked_on
)
VALUES (
    %(platform)s,
    %(raw_age)s,
    %(text_age)s,
    %(statistics_age)s,
    %(picture_age)s,
    %(pictures)s,
    %(in_combined_rank)s,
    %(source_url)s,
    %(checked_on)s
)
ON CONFLICT (platform) DO UPDATE SET
    raw_age = EXCLUDED.raw_age,
    text_age = EXCLUDED.text_age,
    statistics_age = EXCLUDED.statistics_age,
    picture_age = EXCLUDED.picture_age,
    pictures = EXCLUDED.pictures,
    in_combined_rank = EXCLUDED.in_combined_rank,
    source_url = EXCLUDED.source_url,
    checked_on = EXCLUDED.checked_on
