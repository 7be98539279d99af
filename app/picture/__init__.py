"""The first picture of a walk, drawn before any script has run."""
