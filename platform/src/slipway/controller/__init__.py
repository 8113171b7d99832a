"""The state controller: each SageMaker operation once, each version traced."""
