"""Text and files as pages need them."""
