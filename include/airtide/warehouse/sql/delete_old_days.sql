-- Deletes a slice of the rows of one table of days of one platform that had ended by an instant; none are left when no row
-- is told.
DELETE FROM {table}
WHERE ctid = ANY(ARRAY(
    SELECT kept.ctid
    FROM trends.zone_day AS calendar
    INNER JOIN {table} AS kept USING (zone, day)
    WHERE
        calendar.ends_at <= %(before)s
        AND kept.platform = %(platform)s::live.platform
    LIMIT %(slice)s
))
