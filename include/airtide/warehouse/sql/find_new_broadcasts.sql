-- The broadcasts of the batch that were never landed; reads only.
SELECT broadcast_key
FROM pg_temp.met_broadcast
WHERE NOT is_known
