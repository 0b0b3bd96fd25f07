-- How often counts looked wrong: one row an hour and broadcast in which they did, and the sums of a day beside its numbers.
CREATE TABLE trends.broadcast_hour_mark (
    platform live.platform NOT NULL,
    hour TIMESTAMPTZ NOT NULL,
    broadcast_key BIGINT NOT NULL,
    stuck_hours INTEGER NOT NULL,
    flat_hours INTEGER NOT NULL,
    glitches INTEGER NOT NULL,
    step_jumps INTEGER NOT NULL,
    computed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL,
    definitions_version INTEGER NOT NULL,
    PRIMARY KEY (platform, hour, broadcast_key)
);
COMMENT ON COLUMN trends.broadcast_hour_mark.stuck_hours IS '1 when the count stood still through the hour, else 0';
COMMENT ON COLUMN trends.broadcast_hour_mark.flat_hours IS '1 when the count hardly moved through the hour, else 0';
GRANT INSERT, UPDATE, DELETE ON trends.broadcast_hour_mark TO airtide_rollup;

ALTER TABLE trends.broadcast_day
    ADD COLUMN stuck_hours INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN flat_hours INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN glitches INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN step_jumps INTEGER NOT NULL DEFAULT 0;
