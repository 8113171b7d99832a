"""Streams whose values only rise."""

import pyarrow as pa
import pyarrow.compute as pc


class Rising:
    """Whether each value of a stream is larger than the one before: then none repeats.

    A stream in the order of its key, as a table often is, needs no second look.
    """

    def __init__(self) -> None:
        #: Whether every value so far was larger than the one before it.
        self.holds = True
        self._last: pa.Scalar | None = None

    def observe(self, values: pa.Array) -> None:
        """Look at the next values."""
        if not self.holds or not len(values):
            return
        self.holds = values.null_count == 0 and self._rises(values)
        self._last = values[-1]

    def _rises(self, values: pa.Array) -> bool:
        inside = pc.less(values.slice(0, len(values) - 1), values.slice(1))
        across = self._last is None or pc.less(self._last, values[0]).as_py()
        return bool(across and pc.all(inside, min_count=0).as_py())
