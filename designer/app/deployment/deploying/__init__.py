"""The dialog that deploys."""
