"""The actions of the HTTP API and the MCP server."""
