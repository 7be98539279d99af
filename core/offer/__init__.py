"""What a layer offers: its settings, arrays, limits, costs."""
