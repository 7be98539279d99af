"""Lessons that come with the project: walks, steps and questions for a class, in every language, as data."""
