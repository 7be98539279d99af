"""What one client may ask of a server, and all clients together; how large a walk may be stands in `core.offer.limits`.

Each can be set by an environment variable, as those of core.
"""

import os

from core.offer.limits import LIMITS, PREFIX, limit

# Room for an input of 64×64 written out in short numbers.
URL_BYTES = limit("URL_BYTES", 64_000, "bytes of an address", least=1000, most=1_000_000)
HEADER_BYTES = limit("HEADER_BYTES", 32_000, "bytes of a request's headers", least=4000, most=1_000_000)
# A browser sends about twenty, and what stands in front of us a few more.
HEADERS = limit("HEADERS", 100, "headers of a request", least=40)
# The largest walk that is legal begins with 16×64×64 + 16×16×11×11 + 16 + 16×86×86 = 214,864 numbers, and is compared
# in 16×106×106 = 179,776 more: at 32/3 bytes each, as f64, 4.2 million. With the last written out, at 20, 5.9 million.
BODY_BYTES = limit("BODY_BYTES", 6_000_000, "bytes of a request's body", least=1000, most=20_000_000)
# With the arrays that were read from them, until they are answered.
BODIES_BYTES = limit(
    "BODIES_BYTES", 16_000_000, "bytes of all bodies at a time; half of them to one client", least=2000
)
# What is short is passed over, and the connection can be used again.
UNREAD_BYTES = limit("UNREAD_BYTES", 1000, "bytes of a body where none is read", least=0, most=1_000_000)

# Beyond them the oldest idle one is closed. A system that allows fewer open files allows fewer of them.
CONNECTIONS = limit("CONNECTIONS", 1000, "connections at a time", least=20)
# A school behind one address is one client, and so is a proxy in front of us.
CLIENT_CONNECTIONS = limit("CLIENT_CONNECTIONS", 500, "connections at a time to one client (an IP address)", least=20)
# As many as its streams, and a hundred more.
CLIENT_REQUESTS = limit(
    "CLIENT_REQUESTS", 300, "requests of one client (an IP address) that wait for their answer at a time", least=20
)
REQUEST_SECONDS = limit("REQUEST_SECONDS", 10, "seconds in which a request must have come")
SEND_SECONDS = limit("SEND_SECONDS", 60, "seconds for which a client may take nothing of its answer")
# Of computing: what others compute in between and what the network takes do not count.
TRACE_SECONDS = limit("TRACE_SECONDS", 60, "seconds of computing for one trace")
STREAMS = limit("STREAMS", 400, "streams at a time", most=10_000)
# A class behind one address is one client.
CLIENT_STREAMS = limit("CLIENT_STREAMS", 200, "streams at a time to one client (an IP address)", most=10_000)
# So that a small one always finds room beside them.
LARGE_CELLS = limit("LARGE_CELLS", 20_000, "cells beyond which a walk is a large one", least=1000, most=6_000_000)
# With 16 bytes each; a stream counts as 10,000 of them beside those of its arrays.
STREAMED_CELLS = limit(
    "STREAMED_CELLS",
    6_000_000,
    "cells of all walks that are streamed at a time; half of them to one client, half to large walks",
    least=20_000,
)
WAIT_SECONDS = limit("WAIT_SECONDS", 10, "seconds that a stream waits for room among these")
# A figure is made in one piece, and a browser draws few of its frames a second.
FIGURE_STEPS = limit("FIGURE_STEPS", 20_000, "steps that a figure is made of", least=5000, most=200_000)
FIGURE_FRAMES = limit("FIGURE_FRAMES", 1000, "frames of a figure", least=50, most=10_000)
FIGURE_BYTES = limit("FIGURE_BYTES", 8_000_000, "bytes of a figure", least=200_000, most=100_000_000)

# Rooms for a class, where there are any. Those whose page is open hold a connection each.
ROOMS = limit("ROOMS", 100, "rooms for a class at a time")
CLIENT_ROOMS = limit("CLIENT_ROOMS", 20, "rooms for a class of one client at a time")
ROOM_SECONDS = limit("ROOM_SECONDS", 14_400, "seconds that a room for a class lives", most=86_400)
ROOM_STUDENTS = limit("ROOM_STUDENTS", 500, "students in a room", most=5000)
FOLLOWERS = limit("FOLLOWERS", 600, "pages that follow rooms at a time", most=10_000)
CLIENT_FOLLOWERS = limit(
    "CLIENT_FOLLOWERS", 300, "pages of one client (an IP address) that follow rooms at a time", most=10_000
)
ROOM_PAGES = limit("ROOM_PAGES", 10, "pages of one student, or of the teacher, that follow a room at a time", most=100)
# Room for the longest address of a walk, and for where the class is in it.
ROOM_BYTES = limit("ROOM_BYTES", 80_000, "bytes of what is said to a room at a time", least=4000, most=1_000_000)
TEACHER_WORDS = limit(
    "TEACHER_WORDS", 10, "times that a teacher may say something in a second; at once twice as often", most=100
)
CLIENT_WORDS = limit(
    "CLIENT_WORDS", 100, "times that one client may say something to rooms in a second; at once six times as often"
)
ANSWERS = limit("ANSWERS", 100, "answers of a student to one question, of which the last one counts")
WRONG_CODES = limit("WRONG_CODES", 20, "wrong codes of one client at once; one more every five seconds", most=1000)

if unknown := sorted(name for name in os.environ if name.startswith(PREFIX) and name[len(PREFIX) :] not in LIMITS):
    raise ValueError(f"There is no limit {unknown[0]}; there are {', '.join(one.variable for one in LIMITS.values())}.")
