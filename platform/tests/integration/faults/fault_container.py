"""A container that echoes: of sockets alone, for hundreds of them are started."""

import os
import socket
import threading


def serve(connection):
    with connection, connection.makefile("rb") as lines:
        while lines.readline().strip():  # the request's first line
            length = 0
            while header := lines.readline().strip():
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = lines.read(length)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)


address = (
    os.environ["SLIPWAY_BIND_ADDRESS"],
    int(os.environ["SAGEMAKER_BIND_TO_PORT"]),
)
listener = socket.create_server(address, backlog=64)
while True:
    accepted, _address = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
