"""An array that somebody brings, held against what a walk computes, and against what known mistakes would give."""
