"""Walks: asked for, recorded, streamed, shared out."""
