"""The layers: one concept a file. What is on offer, and in which order, stands in `core.catalog`."""
