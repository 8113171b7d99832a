"""What tests of the REST API ask, and what is asked behind it."""

import contextlib
import threading

from werkzeug.serving import make_server


@contextlib.contextmanager
def served(application):
    """Lend the address of an application on a port of its own."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class KeptObjects:
    """S3 that keeps what it is given."""

    def __init__(self):
        self.kept = {}

    def ensure_bucket(self, _name):
        pass

    def write_json(self, uri, value):
        self.kept[str(uri)] = value

    def write(self, uri, content):
        self.kept[str(uri)] = content
