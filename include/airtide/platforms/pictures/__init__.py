"""The picture hosts of the sites, which are asked for what strangers put there: allow-list, address checks, bounds."""
