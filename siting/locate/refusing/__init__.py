"""Plans that must do without some sites of others: how they are found, and how much worse they are."""
