"""Search in vectors (FAISS) and in words (Tantivy)."""
