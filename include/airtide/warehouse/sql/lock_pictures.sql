-- Lets one transaction at a time write rows of pictures: each sees what the one before it wrote.
SELECT PG_ADVISORY_XACT_LOCK(HASHTEXT('live.thumbnail'))
