"""Convolution layers in NumPy, written as the textbook loops, that can be run plainly or recorded step by step."""

from core.catalog import LAYERS, record, run
from core.offer.settings import SettingError
from core.text.source import AlgorithmError

__all__ = ["LAYERS", "AlgorithmError", "SettingError", "record", "run"]
