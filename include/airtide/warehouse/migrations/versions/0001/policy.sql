-- What kind of data the store holds, and how long each kind of it may be kept.
CREATE SCHEMA policy;

CREATE TABLE policy.store_stamp (
    only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    kind TEXT NOT NULL CHECK (kind IN ('simulated', 'real')),
    stamped_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE policy.platform_policy (
    platform live.platform PRIMARY KEY,
    raw_age INTERVAL NOT NULL,
    text_age INTERVAL NOT NULL,
    statistics_age INTERVAL NOT NULL,
    picture_age INTERVAL NOT NULL,
    pictures TEXT NOT NULL CHECK (pictures IN ('never', 'link', 'capture')),
    in_combined_rank BOOLEAN NOT NULL,
    source_url TEXT,
    checked_on DATE
);
