-- One row a set of attributes of a broadcast, with when it was seen first; seen again later changes nothing, but that
-- forgotten texts are known again.
INSERT INTO live.broadcast_detail AS known (
    detail_key,
    broadcast_key,
    observed_from,
    title,
    category_key,
    language,
    thumbnail_url,
    watch_url,
    tags,
    is_mature
)
SELECT
    told.detail_key,
    told.broadcast_key,
    TIMESTAMPTZ 'epoch' + told.observed_from_ms * INTERVAL '1 millisecond',
    told.title,
    told.category_key,
    told.language,
    told.thumbnail_url,
    told.watch_url,
    ARRAY(SELECT JSONB_ARRAY_ELEMENTS_TEXT(told.tags::JSONB)),
    told.is_mature
FROM UNNEST(
    %(detail_keys)b::BIGINT[],
    %(broadcast_keys)b::BIGINT[],
    %(observed_from_ms)b::BIGINT[],
    %(titles)b::TEXT[],
    %(category_keys)b::BIGINT[],
    %(languages)b::TEXT[],
    %(thumbnail_urls)b::TEXT[],
    %(watch_urls)b::TEXT[],
    %(tags)b::TEXT[],
    %(is_mature)b::BOOLEAN[]
) AS told (
    detail_key,
    broadcast_key,
    observed_from_ms,
    title,
    category_key,
    language,
    thumbnail_url,
    watch_url,
    tags,
    is_mature
)
ON CONFLICT (detail_key) DO UPDATE SET
    observed_from = LEAST(EXCLUDED.observed_from, known.observed_from),
    title = EXCLUDED.title,
    thumbnail_url = EXCLUDED.thumbnail_url,
    watch_url = EXCLUDED.watch_url,
    tags = EXCLUDED.tags,
    forgotten_at = NULL
WHERE EXCLUDED.observed_from < known.observed_from
    OR known.forgotten_at IS NOT NULL
