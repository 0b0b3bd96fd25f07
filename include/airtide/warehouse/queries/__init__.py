"""What the trends page and its API read: one module a subject, one statement a file under `warehouse/sql/read_*.sql`.

Every function takes an open connection of `airtide_reader` and returns frozen rows; none writes. Instants are aware
and in UTC, days are calendar days of the zone named beside them, shares are 0 … 1 and NULL where nothing was live.
"""
