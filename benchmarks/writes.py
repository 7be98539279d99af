"""A plain loop of writes, in a process of its own: whatever its first connection says goes to all others, as it is.

    python -m benchmarks.writes 500

It says at which port it listens, and ends with its first connection.
"""

import socket
import sys


def main(followers: int) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=followers + 1) as listening:
        print(listening.getsockname()[1], flush=True)
        first, *others = (listening.accept()[0] for _ in range(followers + 1))
        for one in others:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while said := first.recv(65536):
            for one in others:
                one.send(said)


if __name__ == "__main__":
    main(int(sys.argv[1]))
