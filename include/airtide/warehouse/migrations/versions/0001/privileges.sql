-- Each role does its own kind of work: landing writes ingest and live, roll-ups write trends, readers write nothing.
GRANT USAGE ON SCHEMA ingest, live, trends, policy TO airtide_ingest, airtide_rollup, airtide_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA ingest, live, trends, policy TO airtide_ingest, airtide_rollup, airtide_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA ingest, live, trends, policy
    GRANT SELECT ON TABLES TO airtide_ingest, airtide_rollup, airtide_reader;
GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA ingest, live TO airtide_ingest;
GRANT DELETE ON ingest.candidate TO airtide_ingest;
GRANT INSERT ON trends.dirty_hour, trends.dirty_day TO airtide_ingest;
GRANT EXECUTE ON FUNCTION live.ensure_sample_partition TO airtide_ingest;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA trends TO airtide_rollup;
