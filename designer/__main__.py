"""``python -m designer`` is the command where the folder of commands isn't on the path."""

from designer.cli.main import main

if __name__ == "__main__":
    main()
