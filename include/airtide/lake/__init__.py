"""The object store: keys, Parquet, stores."""
