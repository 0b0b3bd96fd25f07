-- Makes room in live.sample for one platform's samples of [from_at, to_at): one leaf where nothing is in the way, else a
-- leaf for every whole hour that no leaf covers yet (a platform may have gone from days to hours or back). CREATE LIKE +
-- ATTACH does not wait for running COPYs as a plain PARTITION OF would; the advisory lock makes two landings take turns.
CREATE FUNCTION live.ensure_sample_partition(of_platform live.platform, from_at TIMESTAMPTZ, to_at TIMESTAMPTZ)
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    covered TSTZMULTIRANGE;
    missing TSTZRANGE;
    leaf TEXT;
BEGIN
    IF from_at <> date_trunc('hour', from_at) OR to_at <> date_trunc('hour', to_at)
        OR to_at <= from_at OR to_at > from_at + INTERVAL '1 day' THEN
        RAISE EXCEPTION 'a leaf of live.sample holds whole hours of at most a day, not % to %', from_at, to_at;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('live.sample'), hashtext(of_platform::TEXT));
    SELECT coalesce(range_agg(tstzrange(bounds[1]::TIMESTAMPTZ, bounds[2]::TIMESTAMPTZ)), '{}')
    INTO covered
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    CROSS JOIN regexp_match(pg_get_expr(relpartbound, inhrelid), $re$FROM \('(.*)'\) TO \('(.*)'\)$re$) AS bounds
    WHERE inhparent = format('live.%I', 'sample_' || of_platform)::REGCLASS;
    IF covered @> tstzrange(from_at, to_at) THEN
        RETURN;
    END IF;
    FOR missing IN
        SELECT whole FROM (SELECT tstzrange(from_at, to_at) AS whole) AS wanted WHERE NOT covered && whole
        UNION ALL
        SELECT hour
        FROM (
            SELECT tstzrange(starts_at, starts_at + INTERVAL '1 hour') AS hour
            FROM generate_series(from_at, to_at - INTERVAL '1 hour', INTERVAL '1 hour') AS starts_at
        ) AS hours
        WHERE covered && tstzrange(from_at, to_at) AND NOT covered && hour
    LOOP
        leaf := 'sample_' || of_platform || to_char(lower(missing), '_YYYYMMDDHH24')
            || to_char(upper(missing), '_YYYYMMDDHH24');
        EXECUTE format('CREATE TABLE live.%I (LIKE live.sample INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', leaf);
        EXECUTE format(
            'ALTER TABLE live.%I ADD CONSTRAINT %I PRIMARY KEY (platform, sampled_at, broadcast_key)', leaf, leaf || '_pkey'
        );
        EXECUTE format(
            'ALTER TABLE live.%I ATTACH PARTITION live.%I FOR VALUES FROM (%L) TO (%L)',
            'sample_' || of_platform, leaf, lower(missing), upper(missing)
        );
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION live.ensure_sample_partition FROM PUBLIC;
