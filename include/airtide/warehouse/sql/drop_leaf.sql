-- Drops one empty leaf; one that is gone changes nothing.
SELECT live.drop_sample_partition(%(platform)s, %(starts_at)s, %(ends_at)s)
