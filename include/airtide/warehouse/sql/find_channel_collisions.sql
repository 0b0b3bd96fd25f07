-- The ids among those asked for whose key another id holds; reads only.
SELECT asked.text_id
FROM UNNEST(%(keys)b::BIGINT[], %(text_ids)b::TEXT[]) AS asked (key, text_id)
JOIN live.channel AS known ON known.channel_key = asked.key
WHERE (known.platform, known.channel_id) <> (%(platform)s::live.platform, asked.text_id)
