"""Cases and healthy clusters, ready to be asked."""

from __future__ import annotations

import functools
import json
from typing import Any
from urllib.parse import urlencode

from auditor.demo import files, tenant
from auditor.demo.arm import FakeArm, PageSizes
from auditor.demo.files import Document
from auditor.demo.patches import Documents
from auditor.demo.place import Place

BASE_URL = "https://arm.example.test"
BEARER = {"Authorization": "Bearer a-fake-token"}

CASES = files.case_ids()
KINDS = files.kinds()


def home(kind: str) -> Place:
    """Where the one cluster of a test lies."""
    return files.settled(kind, tenant.HOME)


def arm_for_kind(kind: str, sizes: PageSizes | None = None) -> FakeArm:
    """An ARM with one healthy cluster."""
    return FakeArm(tenant.of_cluster(kind), sizes)


def arm_for_case(case_id: str, sizes: PageSizes | None = None) -> FakeArm:
    """An ARM with the cluster of a case, such as ``VMSS001/violates-vm-size``."""
    return FakeArm(tenant.of_case(case_id), sizes)


def changed_documents(case_id: str) -> list[Document]:
    """What a case has that its healthy cluster has not, at the first read or later."""
    whole, base = tenant.of_case(case_id), _healthy(files.case(case_id).base)
    first = [document for key, document in whole.documents.items() if document != base.get(key)]
    return [*first, *(document for document in whole.later.values() if document)]


@functools.cache
def _healthy(kind: str) -> Documents:
    return tenant.of_cluster(kind).documents


def get(arm: FakeArm, path: str, **query: str) -> Any:  # noqa: ANN401 (JSON as it comes)
    """GET a path and decode its body; a leading underscore of a query name stands for ``$``."""
    pairs = {"api-version": "2026-04-01"} | {k.replace("_", "$"): v for k, v in query.items()}
    url = f"{BASE_URL}{path}?{urlencode(pairs, safe='$')}"
    return json.loads(arm.answer("GET", url, BEARER).body)


def get_all(arm: FakeArm, path: str, **query: str) -> list[dict[str, Any]]:
    """The items of all pages of a list."""
    page = get(arm, path, **query)
    items: list[dict[str, Any]] = page["value"]
    while "nextLink" in page:
        page = json.loads(arm.answer("GET", page["nextLink"], BEARER).body)
        items += page["value"]
    return items
