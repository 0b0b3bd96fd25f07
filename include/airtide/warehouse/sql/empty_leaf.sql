-- Removes all samples of one leaf; an empty one stays empty.
SELECT live.empty_sample_partition(%(platform)s, %(starts_at)s, %(ends_at)s)
