"""Rooms that several workers have in common, on one machine or on many: a Redis keeps them.

`rooms.lua` is what happens to a room, each thing whole or not at all; `place` is where the Redis is, and `line` the way
to it; `boards` are what followers on this worker see; `hub` is the `app.room.hub.Hub` made of these. The package is
imported here alone, and nothing imports this folder unless such rooms are asked for.
"""
