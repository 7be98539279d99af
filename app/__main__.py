"""`python -m app` is the command `convwalk`."""

from app.server.cli import main

main()
