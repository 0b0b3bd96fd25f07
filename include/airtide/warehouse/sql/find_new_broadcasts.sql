-- The broadcasts of the batch that were never landed; reads only.
SELECT told.broadcast_key
FROM pg_temp.told_broadcast AS told
WHERE NOT EXISTS (
    SELECT FROM live.broadcast AS known
    WHERE known.broadcast_key = told.broadcast_key
)
