"""The resource manager: subscriptions, the workspace, its computes and data stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stand_in.names import (
    ACCOUNT,
    API,
    CONTAINER,
    GROUP,
    LOCATION,
    SCOPE,
    SUBSCRIPTION,
    TENANT,
    WORKSPACE,
    WORKSPACE_ID,
)
from stand_in.routing import Request, Router, ServiceError

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
WS = (
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/Microsoft\.MachineLearningServices/workspaces/(?P<name>[^/]+)"
)


@route("GET", r"/subscriptions/?")
def subscriptions(service: Service, request: Request) -> Any:
    """List the subscriptions of the person."""
    return {
        "value": [
            {
                "id": f"/subscriptions/{SUBSCRIPTION}",
                "subscriptionId": SUBSCRIPTION,
                "displayName": "Desk",
                "state": "Enabled",
                "tenantId": TENANT,
            }
        ]
    }


@route("GET", WS)
def workspace(service: Service, request: Request, **names: str) -> Any:
    """Return the workspace, or say that it is not there."""
    _check_names(names)
    return _workspace()


@route("GET", r"/metadata/endpoints")
def clouds(service: Service, request: Request) -> Any:
    """Return the one cloud."""
    return [
        {
            "name": "AzureCloud",
            "portal": "https://portal.azure.com",
            "authentication": {
                "loginEndpoint": "https://login.microsoftonline.com/",
                "audiences": [
                    "https://management.core.windows.net/",
                    "https://management.azure.com/",
                ],
                "tenant": "common",
                "identityProvider": "AAD",
            },
            "graph": "https://graph.windows.net/",
            "graphAudience": "https://graph.windows.net/",
            "batch": "https://batch.core.windows.net/",
            "gallery": "https://gallery.azure.com/",
            "media": "https://rest.media.azure.net",
            "sqlManagement": "https://management.core.windows.net:8443/",
            "vmImageAliasDoc": "https://example.com/aliases.json",
            "resourceManager": "https://management.azure.com/",
            "suffixes": {
                "storage": "core.windows.net",
                "keyVaultDns": "vault.azure.net",
                "acrLoginServer": "azurecr.io",
                "sqlServerHostname": "database.windows.net",
                "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
                "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
            },
        }
    ]


@route("GET", r"/discovery(?:/workspaces/[^/]+)?/?")
def discovery(service: Service, request: Request) -> Any:
    """Say where the services are: all at one place."""
    keys = ("api", "experimentation", "history", "hyperdrive", "modelmanagement", "studio")
    return dict.fromkeys(keys, API)


@route("GET", rf"(?:/rp/workspaces)?{WS}/computes")
def computes(service: Service, request: Request, **names: str) -> Any:
    """List the computes."""
    _check_names(names)
    return {"value": [_compute(service, name) for name in service.computes]}


@route("GET", rf"(?:/rp/workspaces)?{WS}/computes/(?P<compute>[^/]+)")
def compute(service: Service, request: Request, compute: str, **names: str) -> Any:
    """Return a compute, or say that it is not there."""
    _check_names(names)
    if compute not in service.computes:
        raise ServiceError(404, "ResourceNotFound", f"The compute {compute} was not found.")
    return _compute(service, compute)


@route("GET", rf"/datastore/v1\.0{WS}/(?:datastores/)?(?P<store>default|workspaceblobstore)")
def datastore_v1(service: Service, request: Request, store: str, **names: str) -> Any:
    """Return the data store."""
    credential = {
        "credentialType": "AccountKey",
        "accountKey": "a2V5",
        "credential": "a2V5",
    }
    if service.keyless == "absent":
        credential = {"credentialType": "None"}
    return {
        "name": "workspaceblobstore",
        "dataStoreType": "AzureBlob",
        "hasBeenValidated": True,
        "tags": {},
        "azureStorageSection": {
            "accountName": ACCOUNT,
            "containerName": CONTAINER,
            "endpoint": "core.windows.net",
            "protocol": "https",
            **credential,
            "blobCacheTimeout": -1,
        },
    }


@route("GET", rf"{WS}/datastores/(?P<store>workspaceblobstore|workspaceartifactstore)")
def datastore(service: Service, request: Request, store: str, **names: str) -> Any:
    """Return a data store in the form of the newer SDK."""
    return _datastore(service, store)


@route("GET", rf"{WS}/datastores")
def datastores(service: Service, request: Request, **names: str) -> Any:
    """List the data stores."""
    return {"value": [_datastore(service, "workspaceblobstore")]}


@route("POST", rf"{WS}/datastores/(?P<store>[^/]+)/listSecrets")
def datastore_secrets(service: Service, request: Request, store: str, **names: str) -> Any:
    """Return the key of the data store."""
    return {"secretsType": "AccountKey", "key": "a2V5"}


def _check_names(names: dict[str, str]) -> None:
    if names["subscription"] != SUBSCRIPTION:
        code, what = "SubscriptionNotFound", f"The subscription '{names['subscription']}'"
    elif names["group"].lower() != GROUP:
        code, what = "ResourceGroupNotFound", f"Resource group '{names['group']}'"
    elif names["name"].lower() != WORKSPACE:
        code, what = "ResourceNotFound", f"The Resource 'workspaces/{names['name']}'"
    else:
        return
    raise ServiceError(404, code, f"{what} could not be found.")


def _workspace() -> dict[str, Any]:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"
    return {
        "id": SCOPE,
        "name": WORKSPACE,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": LOCATION,
        "tags": {},
        "identity": {"type": "SystemAssigned", "principalId": TENANT, "tenantId": TENANT},
        "sku": {"name": "Basic", "tier": "Basic"},
        "kind": "Default",
        "properties": {
            "friendlyName": WORKSPACE,
            "description": "",
            "workspaceId": WORKSPACE_ID,
            "discoveryUrl": f"{API}/discovery",
            "mlFlowTrackingUri": f"azureml://{LOCATION}.api.azureml.ms/mlflow/v1.0{SCOPE}",
            "storageAccount": f"{group}/Microsoft.Storage/storageAccounts/{ACCOUNT}",
            "keyVault": f"{group}/Microsoft.KeyVault/vaults/deskvault",
            "applicationInsights": f"{group}/Microsoft.Insights/components/deskinsights",
            "containerRegistry": None,
            "provisioningState": "Succeeded",
            "creationTime": "2026-01-01T00:00:00Z",
            "publicNetworkAccess": "Enabled",
            "v1LegacyMode": False,
            "tenantId": TENANT,
        },
    }


def _compute(service: Service, name: str) -> dict[str, Any]:
    is_kubernetes = service.computes[name] == "AKS"
    return {
        "id": f"{SCOPE}/computes/{name}",
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "location": LOCATION,
        "tags": None,
        "properties": {
            "computeType": service.computes[name],
            "computeLocation": LOCATION,
            "isAttachedCompute": False,
            "provisioningState": "Succeeded",
            "provisioningErrors": None,
            "createdOn": "2026-01-01T00:00:00Z",
            "modifiedOn": "2026-01-01T00:00:00Z",
            "resourceId": None,
            "description": None,
            "disableLocalAuth": True,
            "properties": _KUBERNETES if is_kubernetes else _BATCH,
        },
    }


_BATCH: dict[str, Any] = {
    "vmSize": "STANDARD_DS3_V2",
    "vmPriority": "Dedicated",
    "osType": "Linux",
    "scaleSettings": {
        "minNodeCount": 0,
        "maxNodeCount": 2,
        "nodeIdleTimeBeforeScaleDown": "PT120S",
    },
    "subnet": None,
    "allocationState": "Steady",
    "allocationStateTransitionTime": "2026-01-01T00:00:00Z",
    "currentNodeCount": 0,
    "targetNodeCount": 0,
    "nodeStateCounts": {
        "idleNodeCount": 0,
        "runningNodeCount": 0,
        "preparingNodeCount": 0,
        "unusableNodeCount": 0,
        "leavingNodeCount": 0,
        "preemptedNodeCount": 0,
    },
    "errors": None,
    "remoteLoginPortPublicAccess": "NotSpecified",
}

_KUBERNETES: dict[str, Any] = {
    "agentVmSize": "STANDARD_DS3_V2",
    "agentCount": 3,
    "clusterPurpose": "FastProd",
    "clusterFqdn": "desk.westeurope.azmk8s.io",
    "systemServices": [],
    "loadBalancerType": "PublicIp",
    "loadBalancerSubnet": None,
    "sslConfiguration": None,
    "aksNetworkingConfiguration": None,
}


def _datastore(service: Service, name: str) -> dict[str, Any]:
    return {
        "id": f"{SCOPE}/datastores/{name}",
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/datastores",
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": ACCOUNT,
            "containerName": CONTAINER if name == "workspaceblobstore" else "artifacts",
            "endpoint": "core.windows.net",
            "protocol": "https",
            "isDefault": name == "workspaceblobstore",
            "credentials": {"credentialsType": "None" if service.keyless else "AccountKey"},
            "serviceDataAccessAuthIdentity": "None",
            "tags": {},
            "properties": {},
        },
    }
