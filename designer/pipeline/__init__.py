"""What a pipeline is: an immutable value, its edits, its file, its validation.

Nothing in here depends on pandas, scikit-learn, Qt, or the engine.
"""

from designer.pipeline.model import (
    Endpoint,
    Group,
    Link,
    Node,
    Note,
    Pipeline,
    PipelineParameter,
)

__all__ = ["Endpoint", "Group", "Link", "Node", "Note", "Pipeline", "PipelineParameter"]
