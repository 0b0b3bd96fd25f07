"""The hosts that the sites keep pictures of broadcasts on."""
