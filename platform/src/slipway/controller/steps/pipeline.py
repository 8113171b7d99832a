"""The order of the steps."""

from slipway.controller.steps.deploy import DEPLOY
from slipway.controller.steps.evaluate import EVALUATE
from slipway.controller.steps.extract import EXTRACT
from slipway.controller.steps.preprocess import PREPROCESS
from slipway.controller.steps.quality import QUALITY
from slipway.controller.steps.register import REGISTER
from slipway.controller.steps.train import TRAIN

#: From the SQL script to a registered version.
TO_REGISTER = (EXTRACT, QUALITY, PREPROCESS, TRAIN, EVALUATE, REGISTER)
#: And on to an endpoint that answers.
TO_DEPLOY = (*TO_REGISTER, DEPLOY)
