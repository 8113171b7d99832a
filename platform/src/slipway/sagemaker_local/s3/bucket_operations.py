"""Operations on the service and on buckets."""

from werkzeug.wrappers import Response

from slipway.sagemaker_local.identity import ACCOUNT
from slipway.sagemaker_local.s3.documents import answer, element, iso, parsed, texts
from slipway.sagemaker_local.s3.faults import Code, S3Error
from slipway.sagemaker_local.s3.request import S3Request, Stores

#: The region whose buckets have no location constraint.
CLASSIC_REGION = "us-east-1"


def create_bucket(stores: Stores, request: S3Request) -> Response:
    """CreateBucket: the location constraint is the region's, as on AWS."""
    text = request.document()
    constraint = ""
    if text.strip():
        root = parsed(text, "CreateBucketConfiguration")
        constraint = next(texts(root, "LocationConstraint"), "")
    expected = "" if request.region == CLASSIC_REGION else request.region
    if constraint != expected:
        raise S3Error(Code.ILLEGAL_LOCATION, constraint=constraint or "unspecified")
    stores.objects.create_bucket(request.bucket, request.region)
    return Response(status=200, headers={"Location": f"/{request.bucket}"})


def head_bucket(stores: Stores, request: S3Request) -> Response:
    """HeadBucket."""
    bucket = stores.objects.bucket(request.bucket)
    return Response(status=200, headers={"x-amz-bucket-region": bucket.region})


def delete_bucket(stores: Stores, request: S3Request) -> Response:
    """DeleteBucket: only an empty one."""
    stores.objects.delete_bucket(request.bucket)
    return Response(status=204)


def list_buckets(stores: Stores, request: S3Request) -> Response:
    """ListBuckets, optionally by prefix or region."""
    prefix, region = request.query.get("prefix", ""), request.query.get("bucket-region")
    rows = [
        element(
            "Bucket",
            [
                element("Name", bucket.name),
                element("CreationDate", iso(bucket.created_at)),
                element("BucketRegion", bucket.region),
            ],
        )
        for bucket in stores.objects.buckets()
        if bucket.name.startswith(prefix) and region in (None, bucket.region)
    ]
    owner = element("Owner", [element("ID", ACCOUNT)])
    root = element("ListAllMyBucketsResult", [owner, element("Buckets", rows)])
    return answer(root)


def get_bucket_location(stores: Stores, request: S3Request) -> Response:
    """GetBucketLocation."""
    region = stores.objects.bucket(request.bucket).region
    constraint = None if region == CLASSIC_REGION else region
    return answer(element("LocationConstraint", constraint))
