"""What the rest of the app stands on; it knows no walk."""
