#!/bin/sh
# Finds a Python that will do and hands over to setup.py.
# PYTHON names one; otherwise the one that .venv was made with, then the newest that fits.
set -eu
cd "$(dirname "$0")/.."

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

if [ -n "${PYTHON:-}" ]; then
    if ! version=$("$PYTHON" --version 2>&1); then
        echo "There is no $PYTHON here. Install it, or name another: make run PYTHON=python3.12" >&2
        exit 1
    fi
    if ! fits "$PYTHON"; then
        echo "$PYTHON is $version; ModelDesk needs 3.11, 3.12 or 3.13." >&2
        exit 1
    fi
    exec "$PYTHON" tools/setup.py
fi

for candidate in .venv/bin/python python3 python3.13 python3.12 python3.11; do
    if fits "$candidate"; then
        exec "$candidate" tools/setup.py
    fi
done

if found=$(python3 --version 2>/dev/null); then
    echo "ModelDesk needs Python 3.11, 3.12 or 3.13; python3 is $found here." >&2
    echo "Install one of them beside it, for example python3.12. If it is elsewhere:" >&2
else
    echo "ModelDesk needs Python 3.11, 3.12 or 3.13, and found none." >&2
    echo "On Debian and Ubuntu: sudo apt-get install -y python3. If one is elsewhere:" >&2
fi
echo "  make run PYTHON=/path/to/python3.12" >&2
exit 1
