"""The HTML page as data: everything that its templates print, shaped before they see it."""
