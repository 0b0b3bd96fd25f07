"""PostgreSQL: schema, ledger, loaders, rollups, queries."""
