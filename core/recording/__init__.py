"""How a run is recorded."""
