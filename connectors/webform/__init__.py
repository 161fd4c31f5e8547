"""The company's own forms, pages and servers."""
