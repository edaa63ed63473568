"""Azure's field names: one file per ARM type, from REST JSON to the model.

Every struct here lists the fields that the auditor knows, and nothing else survives decoding:
an answer that is encoded again (for a snapshot) holds these fields alone. ``null`` and absent
are the same everywhere, as they are to ARM.
"""
