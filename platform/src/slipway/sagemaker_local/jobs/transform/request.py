"""What a CreateTransformJob asks for: checked, and as Describe repeats it."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.jobs.transform.association import (
    Association,
    association,
    form_of,
)
from slipway.sagemaker_local.jobs.transform.json_paths import JsonPathError
from slipway.sagemaker_local.jobs.transform.parameters import MOST_MIB, given

Payload = Mapping[str, Any]
_PROCESSING = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}


def check(request: Payload) -> None:
    """Refuse a request whose members do not fit each other."""
    said = given(request)
    payload = said.get("MaxPayloadInMB", 0)
    if payload > MOST_MIB:
        raise faults.above(payload, MOST_MIB, "maxPayloadInMB")
    if payload * said.get("MaxConcurrentTransforms", 1) > MOST_MIB:
        raise faults.payloads_too_large(MOST_MIB)
    try:
        asked = association(request)
    except JsonPathError as error:
        raise faults.validation(str(error)) from error
    if not asked.is_nothing:
        _check_association(request, asked)
        if said.get("MaxPayloadInMB") == 0:
            raise faults.no_processing_in_chunks()


def with_defaults(request: Payload) -> dict[str, Any]:
    """Return a request as DescribeTransformJob repeats it."""
    plain = {"CompressionType": "None", "SplitType": "None"}
    output = {"AssembleWith": "None", "KmsKeyId": ""}
    return {
        **request,
        "TransformInput": {**plain, **request["TransformInput"]},
        "TransformOutput": {**output, **request["TransformOutput"]},
        "DataProcessing": {**_PROCESSING, **request.get("DataProcessing", {})},
    }


def _check_association(request: Payload, asked: Association) -> None:
    given_in, given_out = request["TransformInput"], request["TransformOutput"]
    content_type, accept = given_in.get("ContentType", ""), given_out.get("Accept", "")
    needed = []
    if asked.joins or not asked.input_filter.is_root:
        needed.append(("ContentType", content_type))
    if asked.joins or not asked.output_filter.is_root:
        needed.append(("Accept", accept))
    for member, value in needed:
        if form_of(value) is None:
            raise faults.not_associable(member, value)
    if asked.joins and content_type != accept:
        raise faults.unequal(content_type, accept, ("ContentType", "Accept"))
    split, assembly = (
        given_in.get("SplitType", "None"),
        given_out.get("AssembleWith", "None"),
    )
    if asked.joins and split != assembly:
        raise faults.unequal(split, assembly, ("SplitType", "AssembleWith"))
