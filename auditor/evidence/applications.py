"""Applications, as the claims of a token show them: Microsoft's own ids, and how others sign in.

The activity log keeps no user agent. Terraform, a pipeline or a script that signs in as a service
principal is known by that principal alone; one that borrows the Azure CLI's sign-in looks like
the CLI. Nothing here guesses which of them it was.

Sources: the AKS resource provider's id is quoted in Azure/AKS issues and public audit logs; the
others stand in Microsoft's published list of first-party applications.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from auditor.model import resource_id as arm
from auditor.model.operation import Claims

AKS_RESOURCE_PROVIDER = "7319c514-987d-4e9b-ac3d-d38c4f427f4c"

AZURE_SERVICES = MappingProxyType(
    {
        "60e6cd67-9c8c-4951-9b3c-23c25a2169af": "Azure Compute resource provider",
        "579d9c9d-4c83-4efc-8124-7eba65ed3356": "Azure Compute",
        "1d78a85d-813d-46f0-b496-dd72f50a3ec0": "Azure Policy Insights",
        "8edd93e1-2103-40b4-bd70-6e34e586362d": "Windows Azure Security Resource Provider",
        "bceea168-88ac-4736-95dc-4ce488ffe324": "Microsoft Defender for Cloud",
        "6b5b3617-ba00-46f6-8770-1849282a189a": "Microsoft Defender for Cloud",
        "6e2cffc9-52e7-4bfa-8155-be5c1dacd81c": "Microsoft Defender for Cloud (Kubernetes agent)",
        "fc780465-2017-40d4-a0c5-307022471b92": "Microsoft Defender for Endpoint",
        "e935b4a5-8968-416d-8414-caed51c782a9": "Azure Machine Configuration",
        "262044b1-e2ce-469f-a196-69ab7ada62d3": "Azure Backup",
        "c476eb34-4c94-43bc-97fc-94ede0534615": "Azure Update Manager",
        "f18474f2-a66a-4bb0-a3c9-9b8d892092fa": "Azure Maintenance",
        "797f4846-ba00-4fd7-ba43-dac1f8f63013": "Azure Resource Manager",
        "6d057c82-a784-47ae-8d12-ca7b38cf06b4": "Azure Virtual Network Manager",
    }
)

CLIENTS = MappingProxyType(
    {
        "c44b4083-3bb0-49c1-b47d-974e53cbdf3c": "Azure portal",
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Azure CLI",
        "1950a258-227b-4e31-a9cf-717495945fc2": "Azure PowerShell",
        "b677c290-cf4b-4a8e-a60e-91ba650a4abe": "Azure Cloud Shell",
        "2233b157-f44d-4812-b777-036cdaf9a96e": "Azure Cloud Shell",
        "7f59a773-2eaf-429c-a059-50fc5bb28b44": "Microsoft Docs (try it)",
        "18fbca16-2224-45f6-85b0-f7bf2b39b3f3": "Microsoft Docs (try it)",
        "0c1307d4-29d6-4389-a11c-5cbe7f65d7fa": "Azure mobile app",
        "aebc6443-996d-45c2-90f0-388ff96faa56": "Visual Studio Code",
    }
)
"""Applications through which people act; they say *how*, never *who*."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CLIENT_NAMES = MappingProxyType({name.casefold(): name for name in CLIENTS.values()})
_NO_CLIENT = frozenset({"", "none", "other", "unknown", "unspecified"})

_CREDENTIALS = MappingProxyType({"1": "client secret", "2": "certificate or federated sign-in"})
_HOSTS = MappingProxyType(
    {
        "microsoft.automation/automationaccounts": "Azure Automation",
        "microsoft.compute/virtualmachines": "a virtual machine",
        "microsoft.compute/virtualmachinescalesets": "a scale set",
        "microsoft.datafactory/factories": "Azure Data Factory",
        "microsoft.logic/workflows": "Azure Logic Apps",
        "microsoft.web/sites": "Azure App Service or Functions",
    }
)
"""The services whose resources have an identity of their own (system-assigned)."""


def named(client_type: str) -> str:
    """Resource Graph's word for a client: its name, or the application of its id.

    Empty where it tells nothing, as does an id that is none of Microsoft's: it may be the
    caller's own.
    """
    told = client_type.strip()
    word = told.casefold()
    known = CLIENTS.get(word) or AZURE_SERVICES.get(word) or _CLIENT_NAMES.get(word)
    return known or ("" if word in _NO_CLIENT or _ID.fullmatch(word) else told)


def client(claims: Claims) -> str:
    """Through what a caller acted: an application for people, a service, or a kind of sign-in.

    Empty where the claims do not tell: a user-assigned identity serves any number of hosts.
    """
    own = claims.app_id.casefold()
    if own in CLIENTS:
        return CLIENTS[own]
    if claims.managed_identity_id:
        return _HOSTS.get(arm.resource_type(claims.managed_identity_id), "")
    if own == AKS_RESOURCE_PROVIDER or own in AZURE_SERVICES or claims.scope:
        return ""
    return _CREDENTIALS.get(claims.app_id_acr, "")
