"""Pages of the documentation that are made when the site is built, so that they cannot fall behind code and data."""
