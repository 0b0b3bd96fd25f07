-- Deletes observations of hours whose statistics have expired; deleted again, there are none.
DELETE FROM trends.quality_check AS observation
USING policy.platform_policy AS policy
WHERE
    policy.platform = observation.platform
    AND observation.hour < %(now)s::TIMESTAMPTZ - policy.statistics_age
