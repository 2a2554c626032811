"""Single scripts and modules as jobs of Azure ML."""
