"""The JSON beside the pages."""
