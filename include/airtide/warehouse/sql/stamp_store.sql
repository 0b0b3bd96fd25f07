-- One row at most; a store that is stamped keeps its stamp.
INSERT INTO policy.store_stamp (kind, stamped_at)
VALUES (%(kind)s, %(stamped_at)s)
ON CONFLICT (only_row) DO NOTHING
