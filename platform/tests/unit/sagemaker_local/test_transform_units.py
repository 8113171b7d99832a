"""Records, batches, paths and joins of batch transform, without a server."""

import io
import json
import struct
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.sagemaker_local.jobs.plan import JobFaultError
from slipway.sagemaker_local.jobs.transform.association import Association
from slipway.sagemaker_local.jobs.transform.batches import Sent, batched, in_order
from slipway.sagemaker_local.jobs.transform.faults import ObjectFaultError
from slipway.sagemaker_local.jobs.transform.json_paths import JsonPathError, parsed
from slipway.sagemaker_local.jobs.transform.parameters import environment, parameters
from slipway.sagemaker_local.jobs.transform.records import Unit, units

MAGIC = struct.pack("<I", 0xCED7230A)
SPLITS = ("None", "Line", "RecordIO", "TFRecord")
LARGEST = 1 << 20


def record_io(data, flag=0):
    head = MAGIC + struct.pack("<I", flag << 29 | len(data))
    return head + data + b"\0" * (-len(data) % 4)


def tf_record(data):
    return struct.pack("<QI", len(data), 0) + data + b"\0" * 4


FRAMES = {
    "None": lambda data: data,
    "Line": lambda data: data.replace(b"\n", b"") + b"\n",
    "RecordIO": record_io,
    "TFRecord": tf_record,
}


def split_of(content, split, largest=LARGEST):
    return list(units(io.BytesIO(content), split, largest))


@given(st.sampled_from(SPLITS), st.lists(st.binary(max_size=40)))
def test_what_was_split_makes_the_object_again(split, records):
    content = b"".join(FRAMES[split](record) for record in records)

    assert b"".join(each.framed for each in split_of(content, split)) == content


@given(st.sampled_from(SPLITS[2:]), st.lists(st.binary(max_size=40)))
def test_binary_records_come_out_as_they_went_in(split, records):
    content = b"".join(FRAMES[split](record) for record in records)

    assert [each.content for each in split_of(content, split)] == records


@given(
    st.lists(st.binary(max_size=30), max_size=30), st.integers(31, 90), st.booleans()
)
def test_no_batch_is_above_the_limit_and_order_is_kept(records, largest, single):
    sent = [
        Sent(Unit(each, each + b"\n"), Unit(each, each + b"\n")) for each in records
    ]

    batches = list(batched(sent, largest, single=single))

    assert [one for each in batches for one in each.records] == sent
    assert all(len(each.body) <= largest for each in batches)
    first = [len(b.records[0].unit.framed) for _, b in pairwise(batches)]
    assert single or all(
        len(batch.body) + size > largest
        for batch, size in zip(batches, first, strict=False)
    )


def test_a_record_that_holds_the_magic_is_put_together():
    content = record_io(b"one", 1) + record_io(b"two", 2) + record_io(b"three", 3)

    (record,) = split_of(content, "RecordIO")

    assert record == Unit(MAGIC.join([b"one", b"two", b"three"]), content)


@pytest.mark.parametrize(
    ("split", "content"),
    [
        ("RecordIO", b"damaged!"),
        ("RecordIO", MAGIC),
        ("RecordIO", record_io(b"x", 3)),
        ("RecordIO", record_io(b"x", 1)),
        ("RecordIO", record_io(b"long enough")[:-4]),
        ("TFRecord", b"short"),
        ("TFRecord", tf_record(b"x")[:-1]),
    ],
)
def test_damaged_records_are_said_to_be(split, content):
    with pytest.raises(ObjectFaultError, match=f"the object is not {split}"):
        split_of(content, split)


@pytest.mark.parametrize("split", SPLITS)
def test_a_record_above_the_limit_is_refused_before_it_is_read(split):
    content = FRAMES[split](b"x" * 100)

    with pytest.raises(ObjectFaultError, match="Too much data for max payload size"):
        split_of(content, split, len(content) - 1)
    assert len(split_of(content, split, len(content))) == 1


@given(st.lists(st.integers()), st.integers(1, 5))
def test_answers_come_in_the_order_of_their_questions(items, ahead):
    with ThreadPoolExecutor(ahead) as pool:
        assert list(in_order(pool, lambda item: -item, items, ahead)) == [
            -item for item in items
        ]


VALUE = {"id": 7, "a b": 1, "rows": [{"x": 1}, {"x": 2}, {"x": 3}]}


@pytest.mark.parametrize(
    ("path", "value", "selected"),
    [
        ("$", VALUE, VALUE),
        ("", VALUE, VALUE),
        ("$.id", VALUE, 7),
        ("$['a b']", VALUE, 1),
        ("$['id','a b']", VALUE, {"id": 7, "a b": 1}),
        ("$.rows[1].x", VALUE, 2),
        ("$.rows[*].x", VALUE, [1, 2, 3]),
        ("$.rows.[-1]", VALUE, {"x": 3}),
        ("$.rows[0]['x']", VALUE, 1),
        ("$.rows[:2].x", VALUE, [1, 2]),
        ("$[1:]", list("abc"), ["b", "c"]),
        ("$[0,2:]", list("abcd"), ["a", "c", "d"]),
        ("$[-1, 0]", list("abc"), ["c", "a"]),
        ("$[:-1]", list("abc"), ["a", "b"]),
        ("$.*", {"a": 1, "b": 2}, [1, 2]),
        ("$['a,b']", {"a,b": 1}, 1),
    ],
)
def test_a_path_selects_as_sagemaker_does(path, value, selected):
    assert parsed(path).of(value) == selected


@pytest.mark.parametrize(
    "path",
    ["x", "$x", "$[", "$[]", "$..a", "$['a','b'].c", "$[a]", "$['a',1]", "$[?(@)]"],
)
def test_what_is_no_path_is_refused(path):
    with pytest.raises(JsonPathError, match="is not a JSONPath expression"):
        parsed(path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$[3]", [1]),
        ("$[0,-2]", [1]),
        ("$.a", {}),
        ("$.a", [1]),
        ("$[0:]", {}),
        ("$.*", 1),
    ],
)
def test_what_is_not_there_is_an_error(path, value):
    with pytest.raises(JsonPathError):
        parsed(path).of(value)


def sent(association, *rows):
    return [association.sent(Unit(row, row + b"\n")) for row in rows]


def test_csv_is_joined_as_it_was_written():
    joined = Association(form="csv", joins=True)

    answer = joined.stored(sent(joined, b'1,"a ""b"""', b"2,c\r"), b"x\ny\n")

    assert answer == b'1,"a ""b""",x\n2,c,y\n'


def test_a_join_of_unequal_counts_fails_the_object():
    joined = Association(form="lines", joins=True)

    with pytest.raises(ObjectFaultError, match="cannot join 2 input records with 1"):
        joined.stored(sent(joined, b"1", b"2"), b"1\n")


@pytest.mark.parametrize("record", [b"{", b"\xff", b"[" * 100_000])
def test_a_record_that_cannot_be_read_fails_the_object(record):
    with pytest.raises(ObjectFaultError, match="a record is not"):
        Association(form="lines", input_filter=parsed("$.a")).sent(Unit(record, record))


@given(
    st.lists(st.lists(st.text(alphabet='ab",; é', max_size=5), min_size=2), min_size=1)
)
def test_a_filter_of_every_column_keeps_every_field(rows):
    chosen = Association(form="csv", input_filter=parsed("$[0:]"))
    text = "\n".join(chosen._written(row) for row in rows)

    kept = chosen.sent(Unit(text.encode(), text.encode() + b"\n")).unit.content.decode()

    assert [chosen._read(row) for row in kept.split("\n")] == rows


def test_the_caller_comes_before_the_container_and_it_before_the_defaults():
    offered = json.dumps({"MaxConcurrentTransforms": 8, "MaxPayloadInMB": 2}).encode()

    asked = {"MaxPayloadInMB": 3, "MaxConcurrentTransforms": 0}

    assert str(parameters(asked, offered)) == (
        "MaxConcurrentTransforms=8, MaxPayloadInMB=3, BatchStrategy=MULTI_RECORD"
    )
    assert environment(asked) == {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": "3",
    }


@pytest.mark.parametrize(
    "answer",
    [
        b"no",
        b"1",
        b'{"MaxPayloadInMB": 101}',
        b'{"BatchStrategy": "x"}',
        b'{"MaxConcurrentTransforms": true}',
    ],
)
def test_a_containers_wrong_parameters_fail_the_job(answer):
    with pytest.raises(JobFaultError, match="GET /execution-parameters"):
        parameters({}, answer)
