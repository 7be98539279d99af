"""The texts of the algorithms, as they are read."""
