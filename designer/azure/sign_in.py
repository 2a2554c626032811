"""The ways to sign in to Azure."""

from __future__ import annotations

from collections.abc import Mapping

SIGN_INS: Mapping[str, str] = {
    "browser": "In the browser",
    "device-code": "With a code, on any device",
    "azure-cli": "With the Azure CLI (az login)",
    "managed-identity": "With this computer's managed identity",
    "environment": "With environment variables",
}
"""Their titles."""

HINTS: Mapping[str, str] = {
    "browser": "Sign in again in the browser.",
    "device-code": "Sign in again and enter the code in time.",
    "azure-cli": "Run “az login”, or choose another way to sign in.",
    "managed-identity": "Use it on an Azure computer that has an identity.",
    "environment": "Check AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET.",
}
"""What to do when one of them fails."""
