"""Looking for products straight in the database: no index that could be stale, no server, no thumbnails to keep."""

# mypy: ignore-errors

import json

from haystack import connections
from haystack.backends import BaseEngine, BaseSearchBackend, BaseSearchQuery, SearchNode
from haystack.models import SearchResult
from oscar.core.thumbnails import AbstractThumbnailer

KEYS = {
    "rating": lambda product: product.rating or 0,
    "date_created": lambda product: product.date_created,
    "price": lambda product: product.stockrecords.first().price,
    "title_exact": lambda product: product.title,
}


class DatabaseBackend(BaseSearchBackend):
    def search(self, query_string, sort_by=(), start_offset=0, end_offset=None, result_class=SearchResult, **kwargs):
        """The public products with all the words, in one of the categories where some are asked for."""
        asked = json.loads(query_string)
        index = connections[self.connection_alias].get_unified_index()
        products = index.get_index(next(iter(index.get_indexed_models()))).read_queryset().order_by("pk")
        if asked["categories"] is not None:
            products = products.filter(categories__in=asked["categories"]).distinct()
        found = [product for product in products if all(word in _words(product) for word in asked["words"])]
        for field in reversed(sort_by):
            found.sort(key=KEYS[field.lstrip("-")], reverse=field.startswith("-"))
        results = [_result(product, result_class) for product in found[start_offset:end_offset]]
        return {"results": results, "hits": len(found)}

    def update(self, *args, **kwargs):
        """There is no index."""

    remove = clear = update


class DatabaseQuery(BaseSearchQuery):
    def build_query(self):
        """The words and the categories asked for, as JSON; what else Oscar asks for holds for every product shown."""
        words, categories = [], None
        for expression, value in _leaves(self.query_filter):
            if expression.startswith("content"):
                words += str(getattr(value, "query_string", value)).casefold().split()
            elif expression.startswith("category"):
                categories = list(value)
        return json.dumps({"words": words, "categories": categories})


class DatabaseEngine(BaseEngine):
    backend = DatabaseBackend
    query = DatabaseQuery


class WholePicture(AbstractThumbnailer):
    """Thumbnails that are the pictures themselves, so that a look at a page writes nothing."""

    def generate_thumbnail(self, source, **opts):
        return source

    def delete_thumbnails(self, source):
        """There are none."""


def _leaves(node):
    for child in node.children:
        if isinstance(child, SearchNode):
            yield from _leaves(child)
        else:
            yield child


def _words(product):
    return f"{product.title} {product.description}".casefold()


def _result(product, result_class):
    meta = product._meta
    result = result_class(meta.app_label, meta.model_name, product.pk, 0)
    result._object, result._model = product, type(product)
    return result
