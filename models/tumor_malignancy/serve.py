"""The web application that answers for this model."""

from slipway.container import create_app
from tumor_malignancy.model import Model

app = create_app(Model)
