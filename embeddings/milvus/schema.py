"""The fields of the tables of a library in Milvus, and making a table."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

TEXT_BYTES = 65_535
"""Longest text in a field, in bytes of UTF-8."""

_TEXT = TEXT_BYTES
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "about": {"name": 200, "value": _TEXT},
    "articles": {
        "id": 16,
        "key": _TEXT,
        "source": 1_000,
        "day": int,
        "number": int,
        "version": 100,
        "first": int,
        "passages": int,
        "versions": int,
        "changed": 40,
        "info": _TEXT,
        "history": _TEXT,
        "locations": [8_192, 256],
    },
    "texts": {"id": 200, "article": 16, "piece": _TEXT},
    "passages": {
        "id": int,
        "article": 16,
        "source": 1_000,
        "day": int,
        "start": int,
        "stop": int,
        "copy_group": int,
        "text": _TEXT,
        "words": _TEXT,
    },
    "bands": {"band": int, "members": [int, 64]},
    "places": {"key": int, "location": 8_192, "name": 8_192, "look": _TEXT},
}
"""Fields by table, the primary key first: longest text in bytes, an integer type, or [element type, most elements].

Primary keys need no escaping, since pymilvus' iterators do not escape the key they continue from.
"""
_INDEXED = {
    "articles": ("source", "day", "version"),
    "passages": ("source", "day", "copy_group"),
    "places": ("location", "name"),
}


def create_table(client: Any, name: str, table: str, *, dimension: int, index: str) -> None:  # noqa: ANN401
    """Create a table and load it. client: pymilvus' client. index: Milvus' name of the vector index."""
    from pymilvus import DataType, Function, FunctionType, MilvusException

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    indexes = client.prepare_index_params()
    for number, (field, kind) in enumerate(FIELDS[table].items()):
        if kind is int:
            schema.add_field(field, DataType.INT64, is_primary=number == 0)
        elif isinstance(kind, int):
            analysed = {"enable_analyzer": True, "analyzer_params": {"tokenizer": "standard"}}
            more = analysed if field == "words" else {}
            schema.add_field(field, DataType.VARCHAR, max_length=kind, is_primary=number == 0, **more)
        elif kind[0] is int:
            schema.add_field(field, DataType.ARRAY, element_type=DataType.INT64, max_capacity=kind[1])
        else:
            element = DataType.VARCHAR
            schema.add_field(field, DataType.ARRAY, element_type=element, max_length=kind[0], max_capacity=kind[1])
    if table == "passages":
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(
            Function(
                name="bm25",
                function_type=FunctionType.BM25,
                input_field_names=["words"],
                output_field_names=["sparse"],
            )
        )
        indexes.add_index("vector", index_type=index, metric_type="IP")
        parameters = {"bm25_k1": 1.2, "bm25_b": 0.75}
        indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=parameters)
    else:  # Milvus requires a vector in every table
        schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=2)
        indexes.add_index("nothing", index_type="FLAT", metric_type="IP")
    for field in _INDEXED.get(table, ()):
        indexes.add_index(field, index_type="INVERTED")
    client.create_collection(name, schema=schema, consistency_level="Strong")
    client.create_index(name, indexes, sync=False)
    if table == "articles":
        lists = client.prepare_index_params()
        lists.add_index("locations", index_type="INVERTED")
        with suppress(MilvusException):  # Milvus Lite has no index of lists
            client.create_index(name, lists, sync=False)
    client.load_collection(name)
