"""Where moto's S3 is not AWS's: what each side answers, and who says which is right."""

from s3_comparison import (
    ABSENT,
    ANY,
    ANY_OR_NONE,
    OF_WHOLE,
    Difference,
    missing,
)

API = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_"
ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
CHECKSUMS = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity"
    "-upload.html"
)
CONDITIONS = "https://www.rfc-editor.org/rfc/rfc9110#section-13.1"
_KIND = "the answer says whether a checksum is of the whole object or of its parts"
_DEFAULT = "what comes without a checksum gets a CRC-64/NVME of the whole"
_TWO = "a request with two faults: AWS does not say which of them is named"
_PUT = f"{API}PutObject.html"
_COMPLETE = f"{API}CompleteMultipartUpload.html"
_OLD_LIST, _LIST = f"{API}ListObjects.html", f"{API}ListObjectsV2.html"
_READS = ("get_object", "head_object")
_PARTS = ("upload_part", "upload_part_copy", "complete_multipart_upload")
_GONE = (404, "NoSuchUpload")
_BROKEN = (412, "PreconditionFailed")
DIFFERENCES = (
    *(
        Difference((method,), fact, ANY, ABSENT, _KIND, f"{API}{page}.html")
        for method, fact, page in (
            ("put_object", "ChecksumType", "PutObject"),
            ("get_object", "ChecksumType", "GetObject"),
            ("head_object", "ChecksumType", "HeadObject"),
            ("create_multipart_upload", "ChecksumType", "CreateMultipartUpload"),
            ("complete_multipart_upload", "ChecksumType", "CompleteMultipartUpload"),
            ("copy_object", "CopyObjectResult.ChecksumType", "CopyObjectResult"),
            ("list_objects", "Contents.ChecksumType", "Object"),
            ("list_objects_v2", "Contents.ChecksumType", "Object"),
        )
    ),
    *(
        Difference((method,), fact, OF_WHOLE, ABSENT, _DEFAULT, CHECKSUMS)
        for method, fact in (
            ("complete_multipart_upload", "ChecksumCRC64NVME"),
            ("get_object", "ChecksumCRC64NVME"),
            ("head_object", "ChecksumCRC64NVME"),
            ("copy_object", "CopyObjectResult.ChecksumCRC64NVME"),
        )
    ),
    Difference(
        ("list_objects_v2",),
        "Contents.ChecksumAlgorithm",
        ANY,
        ANY_OR_NONE,
        _DEFAULT,
        CHECKSUMS,
    ),
    *(
        Difference(
            methods,
            f"{where}Checksum{algorithm}",
            OF_WHOLE,
            motos,
            "what is copied gets a checksum of the whole, however it was uploaded",
            CHECKSUMS,
        )
        for methods, where, motos in (
            (_READS, "", ANY_OR_NONE),
            (("copy_object",), "CopyObjectResult.", ANY_OR_NONE),
        )
        for algorithm in ("SHA256", "SHA1", "CRC32")
    ),
    *missing(
        "list_objects",
        facts=("Contents.ChecksumAlgorithm",),
        aws="each object says which checksums it has",
        source=f"{API}Object.html",
    ),
    *missing(
        "list_parts",
        facts=("Parts.ChecksumSHA256", "Parts.ChecksumCRC32"),
        aws="each part says its checksum, if the upload was begun with one",
        source=f"{API}Part.html",
    ),
    Difference(
        ("list_parts",),
        ANY,
        ANY_OR_NONE,
        ANY_OR_NONE,
        "'only parts with higher part numbers will be listed', MaxParts of them",
        f"{API}ListParts.html",
        given=("PartNumberMarker",),
    ),
    *missing(
        "complete_multipart_upload",
        facts=("ChecksumSHA256", "ChecksumCRC32"),
        aws="the answer says the checksum, if the upload was begun with one",
        source=_COMPLETE,
    ),
    *missing(
        "upload_part_copy",
        facts=(
            "CopyPartResult.ChecksumSHA256",
            "CopyPartResult.ChecksumCRC32",
        ),
        aws="the answer says the checksum, if the upload was begun with one",
        source=f"{API}CopyPartResult.html",
    ),
    *missing(
        "put_object",
        facts=("ChecksumSHA256",),
        aws="a checksum that was sent is returned",
        source=_PUT,
    ),
    *missing(
        "list_objects",
        facts=("Marker", "Prefix"),
        aws="the answer repeats both, empty or not",
        source=_OLD_LIST,
    ),
    *missing(
        "list_objects_v2",
        facts=("ContinuationToken",),
        aws="'if ContinuationToken was sent with the request, it is included'",
        source=_LIST,
    ),
    Difference(
        ("put_object",),
        "outcome",
        (400, "BadDigest"),
        (200, ""),
        "a checksum that does not fit the body is BadDigest",
        ERRORS,
        given=("ChecksumSHA256",),
    ),
    Difference(
        ("delete_objects",),
        "Deleted.Key",
        ABSENT,
        ANY,
        "in quiet mode only errors are returned",
        f"{API}DeleteObjects.html",
    ),
    Difference(
        ("delete_object",),
        "outcome",
        (204, ""),
        _BROKEN,
        "If-Match: * deletes whatever object there is",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html",
        given=("IfMatch",),
    ),
    *(
        Difference(
            _PARTS,
            "outcome",
            _GONE,
            motos,
            "an upload that there is not is NoSuchUpload, 404",
            ERRORS,
        )
        for motos in ((500, "500"), (404, "404"), _BROKEN)
    ),
    Difference(
        ("upload_part_copy",),
        "outcome",
        (404, "NoSuchKey"),
        (404, "404"),
        "a source that there is not is NoSuchKey",
        ERRORS,
    ),
    Difference(
        ("upload_part_copy",),
        "outcome",
        (400, "InvalidArgument"),
        (200, ""),
        "the range of a part that is copied lies within its source",
        "https://github.com/versity/versitygw/issues/610 (an answer of AWS)",
        given=("CopySourceRange",),
    ),
    Difference(
        ("complete_multipart_upload",),
        "outcome",
        _GONE,
        (200, ""),
        "NoSuchUpload, too, where 'the multipart upload might have been completed'",
        _COMPLETE,
    ),
    Difference(
        ("complete_multipart_upload",),
        "outcome",
        (400, "InvalidPartOrder"),
        (400, "InvalidPart"),
        "parts that are not in ascending order are InvalidPartOrder",
        _COMPLETE,
    ),
    *(
        Difference(
            ("complete_multipart_upload",), "outcome", ours, _BROKEN, _TWO, _COMPLETE
        )
        for ours in ((400, "MalformedXML"), (400, "EntityTooSmall"))
    ),
    Difference(
        ("complete_multipart_upload",),
        "outcome",
        (400, "InvalidPartOrder"),
        (400, "EntityTooSmall"),
        _TWO,
        _COMPLETE,
    ),
    Difference(
        ("complete_multipart_upload",),
        "VersionId",
        ABSENT,
        "null",
        "an object has a version in a bucket with versioning only",
        _COMPLETE,
    ),
    Difference(
        ("copy_object",),
        "outcome",
        _BROKEN,
        (200, ""),
        "CopySourceIfMatch: the source is copied 'if its entity tag matches'",
        f"{API}CopyObject.html",
        given=("CopySourceIfMatch",),
    ),
    Difference(
        ("copy_object",),
        "outcome",
        _BROKEN,
        (200, ""),
        "CopySourceIfUnmodifiedSince: the source is copied if it was not changed since",
        f"{API}CopyObject.html",
        given=("CopySourceIfUnmodifiedSince",),
    ),
    Difference(
        ("copy_object",),
        "outcome",
        _BROKEN,
        (400, "InvalidRequest"),
        _TWO,
        f"{API}CopyObject.html",
    ),
    *(
        Difference(
            _READS,
            "outcome",
            ours,
            motos,
            "a matching If-Match overrules If-Unmodified-Since, and '*' matches all",
            f"{API}GetObject.html and {CONDITIONS}",
            given=("IfMatch",),
        )
        for ours in (
            *((200, ""), (206, ""), (304, "304")),
            *((416, "InvalidRange"), (416, "416")),
        )
        for motos in (_BROKEN, (412, "412"))
    ),
    Difference(
        ("head_object",),
        "outcome",
        (416, "416"),
        (200, ""),
        "a range outside of the object is not satisfiable",
        f"{API}HeadObject.html",
        given=("Range",),
    ),
    *(
        Difference(
            _READS,
            "outcome",
            (304, "304"),
            motos,
            "If-None-Match: * holds for no object that there is",
            CONDITIONS,
            given=("IfNoneMatch",),
        )
        for motos in ((200, ""), (206, ""), (416, "InvalidRange"), (416, "416"))
    ),
    *(
        Difference(
            _READS,
            fact,
            ABSENT,
            ANY,
            "a range that is not one of the parts has no checksum",
            CHECKSUMS,
            given=("Range",),
        )
        for fact in ("ChecksumCRC32", "ChecksumSHA1", "ChecksumSHA256")
    ),
    Difference(
        ("list_objects_v2",),
        "Contents.Owner",
        ABSENT,
        ANY,
        "the owner is there if FetchOwner is true",
        _LIST,
        given=("FetchOwner",),
    ),
    Difference(
        ("list_objects_v2",),
        "StartAfter",
        "b c+%41?&",
        "b c A?&",
        "the answer repeats it; moto decodes it twice",
        _LIST,
    ),
    Difference(
        ("list_objects",),
        "Prefix",
        ANY,
        ANY,
        "with encoding-type, which boto3 asks for, the prefix is encoded as the keys are",
        _OLD_LIST,
        given=("Prefix",),
    ),
    *(
        Difference(
            ("list_objects",),
            ANY,
            ANY_OR_NONE,
            ANY_OR_NONE,
            aws,
            _OLD_LIST,
            given=("Delimiter", other),
        )
        for other, aws in (
            ("MaxKeys", "a common prefix counts as one; moto counts objects alone"),
            ("Marker", "what comes after it is listed; moto lists all common prefixes"),
        )
    ),
    Difference(
        ("list_objects",),
        "NextMarker",
        ABSENT,
        ANY,
        "'returned only if you have the delimiter request parameter specified'",
        _OLD_LIST,
    ),
)
