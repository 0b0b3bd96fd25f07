-- One row per picture of a site that so many channels have: it stands for none. Known ones stay as they are.
INSERT INTO live.placeholder (
    platform,
    sha256,
    found_at
)
SELECT
    %(platform)s,
    thumbnail.sha256,
    %(now)s
FROM live.thumbnail
WHERE thumbnail.platform = %(platform)s
    AND thumbnail.sha256 = ANY(%(sha256s)s)
GROUP BY thumbnail.sha256
HAVING COUNT(DISTINCT thumbnail.channel_key) >= %(channels)s
ON CONFLICT (platform, sha256) DO NOTHING
RETURNING sha256
