"""The sub-commands of ``designer``: one file each, with a click command of the file's name."""
