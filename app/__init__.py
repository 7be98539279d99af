"""The web app: pages, the JSON and the stream beside them, the command line. It knows no layer by name."""

__version__ = "0.1.0"
