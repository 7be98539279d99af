"""The command, its options, and uvicorn as ConvWalk runs it."""
