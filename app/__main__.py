"""`python -m app` is the command `convwalk`."""

from app.cli import main

main()
