-- What compaction and retention need: the rows of removed objects and expired raw data go, leaves of samples are dropped.
COMMENT ON COLUMN ingest.lake_object.retired_at IS
    'from when on it no longer counts: replaced, expired, or (0 rows, no digest) left over by a landing that never was';
CREATE INDEX lake_object_retired ON ingest.lake_object (platform) WHERE retired_at IS NOT NULL;
-- A rebuild takes off record as lost what it has found.
GRANT DELETE ON ingest.lake_object, ingest.dead_letter, ingest.loss, live.sample_flag TO airtide_ingest;

-- Removes all samples of one leaf. Waits for its readers for a moment only: who waits for it makes others wait.
CREATE FUNCTION live.empty_sample_partition(of_platform live.platform, from_at TIMESTAMPTZ, to_at TIMESTAMPTZ)
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '2s'
AS $$
DECLARE
    leaf TEXT := 'sample_' || of_platform || to_char(from_at, '_YYYYMMDDHH24') || to_char(to_at, '_YYYYMMDDHH24');
BEGIN
    IF to_regclass(format('live.%I', leaf)) IS NOT NULL THEN
        EXECUTE format('TRUNCATE live.%I', leaf);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION live.empty_sample_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION live.empty_sample_partition TO airtide_ingest;

-- Drops one leaf that is empty. The lock is that of live.ensure_sample_partition: no landing makes room meanwhile.
CREATE FUNCTION live.drop_sample_partition(of_platform live.platform, from_at TIMESTAMPTZ, to_at TIMESTAMPTZ)
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '2s'
AS $$
DECLARE
    leaf TEXT := 'sample_' || of_platform || to_char(from_at, '_YYYYMMDDHH24') || to_char(to_at, '_YYYYMMDDHH24');
    has_rows BOOLEAN;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('live.sample'), hashtext(of_platform::TEXT));
    IF to_regclass(format('live.%I', leaf)) IS NULL THEN
        RETURN;
    END IF;
    -- the parent's lock first, as readers take them in this order; under the leaf's it can gain no row
    EXECUTE format('LOCK TABLE ONLY live.%I IN ACCESS EXCLUSIVE MODE', 'sample_' || of_platform);
    EXECUTE format('LOCK TABLE live.%I IN ACCESS EXCLUSIVE MODE', leaf);
    EXECUTE format('SELECT EXISTS (SELECT FROM live.%I)', leaf) INTO has_rows;
    IF has_rows THEN
        RAISE EXCEPTION 'the leaf live.% holds samples: empty it first', leaf;
    END IF;
    EXECUTE format('DROP TABLE live.%I', leaf);
END
$$;
REVOKE ALL ON FUNCTION live.drop_sample_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION live.drop_sample_partition TO airtide_ingest;
