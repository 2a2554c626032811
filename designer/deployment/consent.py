"""What the user allowed a scoring package to do beyond computing, remembered for its content.

A package is known by its manifest, which has the hash of each of its files. So a changed package
is another one, wherever it is.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from designer.trust import Agreement, Trust
from designer.workspace import Workspace

_PURPOSE = "effect of a scoring package: "


def agreed_effects(
    workspace: Workspace, package: Path, more: Collection[str] = ()
) -> frozenset[str]:
    """Return the effects that a package may have.

    Parameters
    ----------
    more : collection of str
        What is allowed from now on, as :data:`modules.scoring.ALLOWABLE` names it, as long as no
        file of the package changes.

    Returns
    -------
    frozenset of str
        With what was allowed before.
    """
    from modules.endpoint.package import MANIFEST
    from modules.scoring import ALLOWABLE

    try:
        content = (package / MANIFEST).read_bytes()
    except OSError:
        # There is nothing to agree to; whoever reads it reports that.
        return frozenset(more)
    trust = Trust(workspace.folder)
    with suppress(OSError):
        # Without a workspace to write to, it is asked for again.
        for name in more:
            trust.give(_PURPOSE + name, content, Agreement(str(package), name))
    known = {name for name in ALLOWABLE if trust.given(_PURPOSE + name, content)}
    return frozenset({*known, *more})
