from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.collect.redact import mask, mask_text

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"
KEY = "-----BEGIN RSA PRIVATE KEY-----\\nMIIEow\\n-----END RSA PRIVATE KEY-----"
SECRETS = {
    "https://x.blob.core.windows.net/c?sv=2022&sig=abc%2Bdef%3D&se=2026": "abc%2Bdef",
    "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=Zm9v==;EndpointSuffix=y": "Zm9v",
    "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=c2VjcmV0": "c2VjcmV0",
    "Server=db;User=sa;Password=hunter2;": "hunter2",
    "client_secret=s3cr3t~value": "s3cr3t",
    "Authorization: Bearer abc.def-ghi": "abc.def",
    f"a token {JWT} in text": "c2lnbmF0dXJl",
    f"key: {KEY}": "MIIEow",
    "https://user:pa55word@proxy.example:3128": "pa55word",
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.items())
def test_known_shapes_of_secrets_are_masked(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in mask_text(text)
    assert "***" in mask_text(text)


@pytest.mark.parametrize("text", SECRETS)
def test_masked_json_stays_json_and_stays_as_it_is(text: str) -> None:
    body = json.dumps({"message": text, "next": {"kept": True}}).encode()
    masked = mask(body)
    assert json.loads(masked)["next"] == {"kept": True}
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "harmless",
    [
        "/subscriptions/x/resourceGroups/MC_rg/providers/Microsoft.Compute/disks/key",
        "ssh-rsa AAAAB3NzaC1yc2E azureuser@example",
        "$skiptoken=eyJuZXh0IjoxfQ",
        "2026-11-01T03:00:00Z",
        "https://management.azure.com:443/subscriptions",
    ],
)
def test_what_is_no_secret_is_left_alone(harmless: str) -> None:
    assert mask_text(harmless) == harmless


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask_text(mask_text(text)) == mask_text(text)
