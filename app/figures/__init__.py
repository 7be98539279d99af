"""A chapter as a Plotly figure with frames.

from app.figures import figure

figure("conv2d", "correlate", stride=1).show()
"""

from app.figures.figure import figure

__all__ = ["figure"]
