"""How many connections there may be: as many as a school needs, and no more than the system has files for.

A browser keeps its connections for a while and opens new ones as it needs them, so one that is idle can be closed.
"""

import sys
from contextlib import suppress
from functools import cache

from app.ground import limits
from app.server.patience import PatientConnection

AT_ONCE = 32  # connections that the event loop accepts in one turn; it counts them some turns later
SPARE = 4 * AT_ONCE + 50  # files for those that are not counted yet, and for what the server itself opens


@cache
def most() -> int:
    """The connections that there may be, after asking the system for as many files as they take."""
    if sys.platform == "win32":
        return limits.CONNECTIONS
    import resource

    files, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.CONNECTIONS + SPARE
    if files != resource.RLIM_INFINITY and files < wanted:
        more = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):  # some systems have less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
            files = more
    return limits.CONNECTIONS if files == resource.RLIM_INFINITY else max(1, min(limits.CONNECTIONS, files - SPARE))


def make_room(new: PatientConnection) -> None:
    """Close the oldest idle connection, of this client or of all, if they are too many; if none is idle, the new one.

    Who is slow with a request is idle too, whatever drips in: a connection is as old as its latest request.
    """
    if len(new.peers) <= min(limits.CLIENT_CONNECTIONS, most()):
        return
    there = [one for one in new.peers if isinstance(one, PatientConnection) and not one.dropped]
    of_client = [one for one in there if one.address == new.address]
    for those, bound in ((of_client, limits.CLIENT_CONNECTIONS), (there, most())):
        if len(those) > bound:
            idle = (one for one in those if one is not new and (one.is_coming_in() or not one.answers()))
            min(idle, key=lambda one: one.since, default=new).drop()
            return
