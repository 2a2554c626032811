"""Modules that work on images."""

from modules.contract import Category

CATEGORY = Category("Computer Vision", 140, ("#b8456a", "#f08fb0"), task="Images")
