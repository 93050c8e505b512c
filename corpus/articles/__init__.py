"""The bundled articles: Markdown files with front matter."""
