-- Deletes a slice of the rows of one table of hours of one platform that began before an instant; none are left when no row
-- is told.
DELETE FROM {table}
WHERE ctid = ANY(ARRAY(
    SELECT ctid
    FROM {table}
    WHERE
        platform = %(platform)s::live.platform
        AND hour < %(before)s
    LIMIT %(slice)s
))
