"""Libraries in Milvus, for archives that outgrow one machine."""
