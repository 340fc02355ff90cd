"""A page for those who never open a terminal: the same library in a browser on the same machine.

security (who may ask) -> app (which view) -> answers, letter_view, tray, downloads, live (what is shown) -> templates (how). Letters are read by a
LibraryPool; nothing is written but the user's own saved queries.
"""
