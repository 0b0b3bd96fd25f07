-- One row, or none where no such broadcast is known; reads only.
SELECT broadcast.broadcast_key
FROM live.broadcast AS broadcast
WHERE
    broadcast.platform = %(platform)s::live.platform
    AND broadcast.broadcast_id = %(broadcast_id)s;
