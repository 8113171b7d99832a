import io
import json

import pytest

from slipway.images.docker_image import connected
from slipway.images.stock import Stock

REGISTRY = "000000000000.dkr.ecr.eu-west-1.amazonaws.com"


def folder(root, tag, model="late-fees"):
    path = root / "slipway" / model / tag
    path.mkdir(parents=True)
    uri = f"{REGISTRY}/slipway/{model}:{tag}"
    (path / "image.json").write_text(json.dumps({"uri": uri}))
    (path / "code.py").write_text("x" * 1000)
    return uri


def own(stock, model="late_fees"):
    """The process images: other tests' containers may be there, too."""
    return [image for image in stock.images(model) if "late-fees" in image.uri]


def test_the_images_of_one_model_are_listed_with_their_sizes(tmp_path):
    uri = folder(tmp_path, "aaaa")
    folder(tmp_path, "bbbb", "late-fees-2")

    [image] = own(Stock(REGISTRY, tmp_path))

    assert image.uri == uri
    assert image.bytes > 1000
    assert image.built_at.tzinfo is not None


def test_an_image_that_is_removed_leaves_the_others(tmp_path):
    stock = Stock(REGISTRY, tmp_path)
    first, second = folder(tmp_path, "aaaa"), folder(tmp_path, "bbbb")

    assert stock.remove(first)

    assert [image.uri for image in own(stock)] == [second]
    assert [path.name for path in (tmp_path / "slipway" / "late-fees").iterdir()] == [
        "bbbb"
    ]


@pytest.mark.docker
def test_a_container_image_that_runs_stays_until_it_does_not(tmp_path):
    stock, model = Stock(REGISTRY, tmp_path), "stock_test"
    uri = f"{REGISTRY}/slipway/stock-test:aaaa"
    text = f"FROM scratch\nLABEL slipway.model={model}\nENV A=1\nCMD /nothing\n"
    with connected() as client:
        client.images.build(fileobj=io.BytesIO(text.encode()), tag=uri, rm=True)
        made = client.containers.create(uri)
        try:
            assert [image.uri for image in stock.images(model)] == [uri]
            assert not stock.remove(uri)
        finally:
            made.remove(force=True)
    assert stock.remove(uri)
    assert [*stock.images(model)] == []
