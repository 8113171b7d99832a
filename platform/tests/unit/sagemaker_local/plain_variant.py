"""A variant of which a test changes what it is about."""

from slipway.sagemaker_local.endpoints.plan import VariantPlan


def plain_variant(**changes):
    known = {
        "name": "primary",
        "image": "image",
        "environment": {},
        "model_data_url": None,
        "instance_type": "ml.m5.large",
        "instance_count": 1,
        "weight": 1.0,
        "startup_timeout": 60,
        "isolated": False,
    }
    return VariantPlan(**{**known, **changes})
