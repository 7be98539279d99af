"""Pictures to walk on. Each is square, of one channel, of whole numbers from 0 (the ground) to 16 (full ink)."""
