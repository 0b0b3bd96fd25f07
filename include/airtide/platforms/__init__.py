"""One folder a site: `client` fetches pages, `parse` turns JSON into snapshots."""
