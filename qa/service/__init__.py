"""What programs may ask, over HTTP and MCP."""
