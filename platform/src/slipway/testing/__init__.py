"""Fakes and rigs for the tests of the platform and of models."""
