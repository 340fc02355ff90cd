"""Formats that are bytes and belong in a file, by libraries that are extras of the package."""
