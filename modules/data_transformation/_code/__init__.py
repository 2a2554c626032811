"""Templates of the modules of this folder: how they are written as code without this project."""
