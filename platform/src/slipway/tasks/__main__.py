"""`python -m slipway.tasks`: what the console script `slipway` runs."""

from slipway.tasks.program import main

main()
